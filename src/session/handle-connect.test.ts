/** `handleConnect`: what a view, a component and a hook do once their page is there. */
import { describe, expect, it } from 'vitest'
import { joined, Rig, type Socket } from '../../test/support/session-rig.ts'
import { turn } from '../../test/support/manual-time.ts'
import { createLiveComponent } from '../live/component.ts'
import { html } from '../template/html.ts'

describe('handleConnect of a view', () => {
  it('is called once, behind mount and handleParams, and what it assigns is in the answer to the join', async () => {
    const calls: string[] = []
    const rig = new Rig(
      {
        mount: () => void calls.push('mount'),
        handleParams: () => void calls.push('params'),
        async handleConnect(socket) {
          await turn()
          calls.push(`connect ${String(socket.connectParams['zone'])} ${socket.connected}`)
          socket.assign({ count: 7 })
        },
      },
      {},
      { connectParams: { zone: 'UTC' } },
    )
    rig.session.join('1')
    await turn()
    await turn()
    expect(rig.take().join()).toMatch(/^1 ok .*"7"/)
    rig.event('2')
    await turn()
    expect(calls).toEqual(['mount', 'params', 'connect UTC true'])
  })

  it('is not called when the view leaves before', async () => {
    const calls: string[] = []
    const rig = new Rig({
      handleParams: (socket) => socket.redirect('/away'),
      handleConnect: () => void calls.push('connect'),
    })
    rig.session.join('1')
    await turn()
    expect(rig.take().join()).toContain('1 error')
    expect(calls).toEqual([])
  })

  it('leads elsewhere', async () => {
    const rig = new Rig({ handleConnect: (socket) => socket.redirect('/away') })
    rig.session.join('1')
    await turn()
    expect(rig.take().join()).toMatch(/^1 error .*\/away/)
  })

  it('ends the view when it throws, and onError is told of the stage', async () => {
    const rig = new Rig({
      handleConnect() {
        throw new Error('as asked')
      },
    })
    rig.session.join('1')
    await turn()
    expect(rig.take().join()).toContain('join crashed')
    expect(rig.reported).toEqual([{ message: 'as asked', stage: 'connect' }])
  })
})

describe('a hook of handleConnect', () => {
  it('is called before the view, and may keep it from its own', async () => {
    const calls: string[] = []
    await joined({
      mount: (socket) => socket.attachHook('a', 'handleConnect', () => (calls.push('hook'), 'halt')),
      handleConnect: () => void calls.push('view'),
    })
    expect(calls).toEqual(['hook'])
  })

  it('is refused when it would never be called', async () => {
    const rig = await joined()
    expect(() => rig.socket.attachHook('a', 'handleConnect', () => {})).toThrow(
      "attachHook('a', 'handleConnect'): it is connected already; attach it in mount, or in a hook of onMount",
    )
  })
})

describe('handleConnect of a component', () => {
  it('is called behind its first update, also when it comes later, and once', async () => {
    const calls: string[] = []
    const row = createLiveComponent<{ label: string; ready?: boolean }>({
      update: (socket, props) => (calls.push(`update ${props.label}`), socket.assign(props)),
      handleConnect(socket) {
        calls.push(`connect ${socket.context.label}`)
        socket.assign({ ready: true })
      },
      render: ({ label, ready }) => html`<b>${label} ${ready && 'ready'}</b>`,
    })
    const rig = await joined({
      render: ({ count }, { live_component }) =>
        html`${Array.from({ length: count + 1 }, (_, id) => live_component(row, { id, label: `r${id}` }))}`,
    })
    const socket: Socket = rig.socket
    socket.assign({ count: 1 })
    await turn()
    expect(calls).toEqual(['update r0', 'connect r0', 'update r1', 'connect r1'])
    expect(rig.take().join()).toContain('ready')
  })

  it('is called for each of those that updateMany serves', async () => {
    const calls: string[] = []
    const row = createLiveComponent<{ label: string }>({
      updateMany: (updates) => void calls.push(`update ${updates.length}`),
      handleConnect: (socket) => void calls.push(`connect ${socket.id}`),
      render: () => html`<b></b>`,
    })
    await joined({
      render: (_, { live_component }) => html`${[1, 2].map((id) => live_component(row, { id, label: '' }))}`,
    })
    expect(calls).toEqual(['update 2', 'connect 1', 'connect 2'])
  })

  it('that throws ends the view, and onError is told whose it was', async () => {
    const row = createLiveComponent({
      handleConnect() {
        throw new Error('as asked')
      },
      render: () => html`<b></b>`,
    })
    const rig = new Rig({ render: (_, { live_component }) => html`<div>${live_component(row, { id: 'a' })}</div>` })
    rig.session.join('1')
    await turn()
    expect(rig.reported).toEqual([{ message: 'as asked', stage: 'component', component: 'a' }])
  })
})
