/** The suite of the doors, on each server of Node. */
import { describeDoor } from '../contracts/server-door.ts'
import { start as express } from '../doors/express.ts'
import { onNode } from '../doors/facts.ts'
import { start as fastify } from '../doors/fastify.ts'
import { start as hono } from '../doors/hono.ts'
import { start as koa } from '../doors/koa.ts'
import { start as nodeHttp } from '../doors/node-http.ts'

describeDoor('node:http', nodeHttp, { ...onNode, guardsSockets: false })
describeDoor('Express', express, onNode)
describeDoor('Fastify', fastify, onNode)
describeDoor('Koa', koa, onNode)
describeDoor('Hono', hono, onNode)
