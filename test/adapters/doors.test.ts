/** The suite of the doors, on each server of Node. */
import { describeDoor } from '../contracts/server-door.ts'
import { start as express } from '../doors/express.ts'
import { start as fastify } from '../doors/fastify.ts'
import { start as hono } from '../doors/hono.ts'
import { start as koa } from '../doors/koa.ts'
import { start as nodeHttp } from '../doors/node-http.ts'

describeDoor('node:http', nodeHttp)
describeDoor('Express', express, { compresses: true, guardsSockets: true })
describeDoor('Fastify', fastify, { guardsSockets: true })
describeDoor('Koa', koa, { compresses: true, guardsSockets: true })
describeDoor('Hono', hono, { compresses: true, guardsSockets: true })
