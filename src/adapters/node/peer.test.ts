import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { WebSocketPeer } from './peer.ts'

let server: Server
let sockets: WebSocketServer
let client: WebSocket
let peer: WebSocketPeer

beforeEach(async () => {
  server = createServer()
  sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  const upgraded = new Promise<WebSocketPeer>((resolve) => {
    server.on('upgrade', (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (ws) => resolve(new WebSocketPeer(ws, socket as Socket)))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  await once(client, 'open')
  peer = await upgraded
})

afterEach(() => {
  client.terminate()
  server.close()
})

async function receive(): Promise<string> {
  const [data, isBinary] = (await once(client, 'message')) as [Buffer, boolean]
  expect(isBinary).toBe(false)
  return data.toString()
}

describe('WebSocketPeer', () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])('sends a text of %i bytes as one message', async (length) => {
    const text = 'a'.repeat(length)
    peer.send(text)
    expect(await receive()).toBe(text)
  })

  it('counts a text in bytes of UTF-8', async () => {
    const text = '€'.repeat(42) + '🎈'
    peer.send(text)
    expect(await receive()).toBe(text)
  })

  it('sends a lone surrogate as the replacement character, as ws does', async () => {
    peer.send('\ud800.')
    expect(await receive()).toBe('\ufffd.')
  })

  it('keeps the order of small and large texts', async () => {
    const texts = ['small', 'large'.repeat(50_000), 'small again']
    const received: string[] = []
    const all = new Promise<void>((resolve) => {
      client.on('message', (data: Buffer) => {
        received.push(data.toString())
        if (received.length === texts.length) resolve()
      })
    })
    for (const text of texts) peer.send(text)
    await all
    expect(received).toEqual(texts)
  })

  it('sends nothing behind its close', async () => {
    const received: string[] = []
    client.on('message', (data: Buffer) => received.push(data.toString()))
    peer.close(1012, 'later')
    peer.send('too late')
    const [code] = (await once(client, 'close')) as [number]
    expect(code).toBe(1012)
    expect(received).toEqual([])
  })
})
