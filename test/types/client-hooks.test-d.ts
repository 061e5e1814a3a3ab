import { connect, type Hook, type HookContext, type HookListener } from 'liveloom/client'
import { describe, expectTypeOf, it } from 'vitest'

describe('a client hook', () => {
  it('knows its element, the client and itself', () => {
    const Chart: Hook<{ points: number[]; draw(scale: number): string }, HTMLCanvasElement> = {
      points: [],
      mounted() {
        expectTypeOf(this.el).toEqualTypeOf<HTMLCanvasElement>()
        expectTypeOf(this.el.dataset['points']).toEqualTypeOf<string | undefined>()
        expectTypeOf(this.points).toEqualTypeOf<number[]>()
        expectTypeOf(this.draw(2)).toBeString()
        expectTypeOf(this.pushEvent('a')).toEqualTypeOf<Promise<unknown>>()
        this.handleEvent<{ points: number[] }>('points', ({ points }) => (this.points = points))
        this.handleEvent('points', (payload) => void expectTypeOf(payload).toBeUnknown())
        this.js().hide(this.el)
        this.upload('photos', [new Blob(['a'])])
        this.upload('photos', this.el.ownerDocument.querySelector('input')!.files!)
        // @ts-expect-error It has no such method.
        this.paint()
        // @ts-expect-error Files are no texts.
        this.upload('photos', ['a'])
        // @ts-expect-error An event has a name.
        void this.pushEvent()
      },
      beforeUpdate(to) {
        expectTypeOf(to).toEqualTypeOf<HTMLCanvasElement>()
      },
      async updated() {
        const listener = this.handleEvent('a', () => {})
        expectTypeOf(listener).toEqualTypeOf<HookListener>()
        this.removeHandleEvent(listener)
        const [first] = await this.pushEventTo('#a', 'b', { c: 1 })
        if (first?.status === 'fulfilled') expectTypeOf(first.value.reply).toBeUnknown()
      },
      draw(scale) {
        return String(this.points.length * scale)
      },
    }
    connect({ hooks: { Chart } })
  })

  it('needs nothing but a callback', () => {
    const Focus: Hook = {
      mounted() {
        expectTypeOf(this.el).toEqualTypeOf<HTMLElement>()
        this.el.focus()
      },
    }
    connect({ hooks: { Focus, Own: { mounted() {} } } })
    expectTypeOf<HookContext['el']>().toEqualTypeOf<HTMLElement>()
  })

  it('refuses what is wrong', () => {
    const wrong: Hook = {
      // @ts-expect-error A misspelt callback would never be called.
      moutned() {},
    }
    // @ts-expect-error Its own method is missing.
    const missing: Hook<{ draw(): void }> = { mounted() {} }
    void [wrong, missing]
  })
})
