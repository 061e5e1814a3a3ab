/** Files that the browser makes ready before anybody hears of them: smaller images, and transforms of the page's own. */
import type { Page } from '@playwright/test'
import type { AlbumPage } from './support/album-page.ts'
import { type ChosenFile, hashes, photo, sha256, text } from './support/files.ts'
import { blue, isNear, jpegPhoto, look, moving, nothing, pngCutOut, red, type Seen } from './support/pictures.ts'
import { expect, test as base } from './support/test.ts'

interface Fixtures {
  /** What was saved under a name, as bytes. */
  readonly saved: (name: string) => Promise<Buffer>
}

const test = base.extend<Fixtures>({
  saved: async ({ app, album }, use) =>
    use(async (name) => {
      const item = album.saved.filter({ hasText: name })
      await expect(item).toHaveCount(1)
      return app.savedFile((await item.getAttribute('data-file'))!)
    }),
})

const white = [255, 255, 255, 255] as const

/** Gives the page the transform that the views here name. It is written as it runs: in the browser. */
async function transform(
  page: Page,
  own: (file: File, tools: { readonly signal: AbortSignal }) => unknown,
): Promise<void> {
  await page.addInitScript(`window.liveloom = { ...window.liveloom, transforms: { own: ${own.toString()} } }`)
}

/** Has each file wait to be made ready until the page is told to go on. */
async function holdTransforms(page: Page): Promise<() => Promise<void>> {
  await page.addInitScript(() => {
    const released = new Promise((resolve) => Object.assign(window, { release: resolve }))
    const own = async (file: File, { signal }: { readonly signal: AbortSignal }): Promise<File> => {
      signal.addEventListener('abort', () => (document.title = `left ${file.name}`))
      await released
      return new File([`own ${file.name}`], file.name, { lastModified: 1 })
    }
    Object.assign(window, { liveloom: { transforms: { own } } })
  })
  return () => page.evaluate(() => (window as unknown as { release(): void }).release())
}

/** What {@link holdTransforms} has made of two files is all that is saved. */
async function savesOwn(album: AlbumPage): Promise<void> {
  await expect(album.saved).toHaveText(['a.txt', 'b.txt'])
  expect(await album.savedHashes()).toEqual(hashes([text('a.txt', 'own a.txt'), text('b.txt', 'own b.txt')]))
}

function expectUpright(seen: Seen): void {
  expect({ width: seen.width, height: seen.height }).toEqual({ width: 113, height: 150 })
  expect(isNear(seen.first, red), `above: ${seen.first}`).toBe(true)
  expect(isNear(seen.last, blue), `below: ${seen.last}`).toBe(true)
}

for (const way of ['over HTTP', 'over the socket']) {
  test.describe(way, { tag: way === 'over the socket' ? ['@slow'] : [] }, () => {
    test.use({ consoleErrors: way === 'over the socket' })

    test('a photo that is too large is sent upright and within its box', async ({ page, album, saved }) => {
      if (way === 'over the socket') await page.route('**/live/uploads/*', (route) => route.fulfill({ status: 404 }))
      await album.open('/prepared')
      await album.choose(await jpegPhoto('turned.jpg', 800, 600, 6))
      await album.save()
      const bytes = await saved('turned.jpg')
      expectUpright(await look(bytes))
      expect(bytes.includes('Exif')).toBe(false)
    })
  })
}

test('each stays what it is, or becomes what is asked for', async ({ album, saved }) => {
  const cutOut = await pngCutOut('cut-out.png', 400, 100)
  await album.open('/prepared')
  await album.choose(cutOut)
  await album.save()
  expect(await look(await saved('cut-out.png'))).toEqual({
    format: 'png',
    width: 200,
    height: 50,
    first: red,
    last: nothing,
  })

  await album.open('/prepared-webp')
  await album.photos.setInputFiles([
    await jpegPhoto('photo.one.jpeg', 400, 300),
    await pngCutOut('small', 20, 20),
    cutOut,
  ])
  await expect(album.entries).toHaveCount(3)
  await album.save()
  expect(await look(await saved('photo.one.webp'))).toMatchObject({ format: 'webp', width: 200, height: 150 })
  expect((await look(await saved('cut-out.webp'))).last).toEqual(nothing)
  await saved('small.webp')

  await album.open('/prepared-jpeg')
  await album.photos.setInputFiles([cutOut])
  await expect(album.entry('cut-out.jpg')).toBeVisible()
  await album.save()
  const seen = await look(await saved('cut-out.jpg'))
  expect(seen).toMatchObject({ format: 'jpeg', width: 400, height: 100 })
  expect(isNear(seen.last, white), `${seen.last}`).toBe(true)
})

test('what fits, and what a browser cannot read or would spoil, is sent byte for byte', async ({ album }) => {
  const { buffer } = await jpegPhoto('a.jpg', 800, 600)
  const files: readonly ChosenFile[] = [
    await jpegPhoto('fits.jpg', 200, 150),
    await jpegPhoto('fits turned.jpg', 150, 200, 6),
    await moving('moving.gif', 'gif', 400, 300),
    await moving('moving.webp', 'webp', 400, 300),
    { name: 'cut.jpg', mimeType: 'image/jpeg', buffer: buffer.subarray(0, 200) },
    { name: 'iphone.heic', mimeType: 'image/heic', buffer: Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic') },
    {
      name: 'drawn.svg',
      mimeType: 'image/svg+xml',
      buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="900" height="9"/>'),
    },
    { name: 'photo.txt', mimeType: 'text/plain', buffer },
    text('words.txt'),
  ]
  await album.open('/prepared')
  await album.savesOnly(...files)
})

test('whatever way they come: dropped, pasted, or handed over by a hook', async ({ app, album, saved }) => {
  const { buffer } = await jpegPhoto('', 800, 600, 6)
  await album.open('/prepared')
  await album.drop(await app.write('dropped.jpg', buffer))
  await expect(album.entry('dropped.jpg')).toBeVisible()
  // As a camera's hook does: a picture without a name, and with something to say.
  await album.photos.evaluate(async (input) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 400, height: 400 })
    canvas.getContext('2d')!.fillRect(0, 0, 400, 400)
    const picture = await new Promise<Blob>((resolve) => canvas.toBlob((blob) => resolve(blob!)))
    const files = [Object.assign(picture, { meta: () => ({ from: 'camera' }) })]
    input.dispatchEvent(new CustomEvent('track-uploads', { bubbles: true, detail: { files } }))
  })
  await expect(album.entry('blob.png')).toHaveAttribute('data-meta', '{"from":"camera"}')
  await album.name.evaluate(async (field) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 400, height: 200 })
    canvas.getContext('2d')!.fillRect(0, 0, 400, 200)
    const picture = await new Promise<Blob>((resolve) => canvas.toBlob((blob) => resolve(blob!)))
    const clipboardData = new DataTransfer()
    clipboardData.items.add(new File([picture], 'pasted.png', { type: picture.type }))
    field.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData }))
  })
  await expect(album.entry('pasted.png')).toBeVisible()
  await album.save()
  expectUpright(await look(await saved('dropped.jpg')))
  expect(await look(await saved('blob.png'))).toMatchObject({ width: 150, height: 150 })
  expect(await look(await saved('pasted.png'))).toMatchObject({ width: 200, height: 100 })
})

for (const path of ['/transformed', '/transformed-one', '/transformed-auto']) {
  const tag = path === '/transformed-auto' ? [] : ['@slow']
  test(
    `who chooses and submits at once sends what has become of the files (${path})`,
    { tag },
    async ({ page, album }) => {
      const release = await holdTransforms(page)
      await album.open(path)
      await album.photos.setInputFiles([text('a.txt')])
      await album.save()
      const form = page.locator('#album')
      await expect(form).toHaveAttribute('data-liveloom-preparing', '1')
      // A patch of the page lets it stand.
      await page.locator('#dismiss').click()
      await album.name.fill('Ada')
      await expect(form).not.toHaveClass(/phx-change-loading/)
      await expect(album.photos).toHaveAttribute('data-liveloom-preparing', '1')
      await expect(album.entries).toHaveCount(0)
      await release()
      await expect(album.saved).toHaveText(['a.txt'])
      expect(await album.savedHashes()).toEqual({ 'a.txt': sha256(Buffer.from('own a.txt')) })
      await expect(page.locator('[data-liveloom-preparing]')).toHaveCount(0)
    },
  )
}

test('a form that is reset lets go of files that are being made ready', async ({ page, album }) => {
  const release = await holdTransforms(page)
  await album.open('/transformed')
  await album.photos.setInputFiles([text('a.txt'), text('b.txt'), text('c.txt')])
  await album.save()
  await expect(album.photos).toHaveAttribute('data-liveloom-preparing', '3')
  await page.getByRole('button', { name: 'Reset' }).click()
  await expect(page).toHaveTitle(/left/)
  await expect(page.locator('[data-liveloom-preparing]')).toHaveCount(0)
  await release()
  await album.photos.setInputFiles([text('d.txt')])
  await expect(album.entries).toHaveText([/d\.txt/])
  await expect(album.saved).toHaveCount(0)
})

test('what a reset has stopped is made ready when it is handed over once more', async ({ page, album, saved }) => {
  const release = await holdTransforms(page)
  await album.open('/transformed')
  const files = await page.evaluateHandle(() =>
    ['a.txt', 'b.txt', 'c.txt'].map((name) => new File(['as chosen'], name)),
  )
  const handOver = (from: number): Promise<void> =>
    album.photos.evaluate(
      (input, [all, at]) =>
        void input.dispatchEvent(
          new CustomEvent('track-uploads', {
            bubbles: true,
            detail: { files: (all as readonly File[]).slice(at as number) },
          }),
        ),
      [files, from] as const,
    )
  await handOver(0)
  await page.getByRole('button', { name: 'Reset' }).click()
  await expect(page).toHaveTitle(/left/)
  await release()
  await expect(page.locator('[data-liveloom-preparing]')).toHaveCount(0)
  // The third had not even begun.
  await handOver(2)
  await expect(album.entries).toHaveText([/c\.txt/])
  await album.save()
  expect(String(await saved('c.txt'))).toBe('own c.txt')
})

test('a choice of one file is the newest, whichever is ready first', async ({ page, album }) => {
  const release = await holdTransforms(page)
  await album.open('/transformed-one')
  await album.photos.setInputFiles([text('a.txt')])
  await album.photos.setInputFiles([text('b.txt')])
  await release()
  await expect(album.entries).toHaveText([/b\.txt/])
  await album.save()
  await expect(album.saved).toHaveText(['b.txt'])
})

test('transforms that hang keep nobody back once nobody waits for them', async ({ page, album, saved }) => {
  await transform(page, (file) => (file.name.startsWith('hangs') ? new Promise(() => {}) : new Blob(['made'])))
  await album.open('/transformed')
  await album.photos.setInputFiles([text('hangs-1.txt'), text('hangs-2.txt')])
  await page.getByRole('button', { name: 'Reset' }).click()
  await album.choose(text('next.txt'))
  await expect(album.entries).toHaveText([/next\.txt/])
  await album.save()
  expect(String(await saved('next.txt'))).toBe('made')
})

test.describe('a transform that fails', () => {
  test.use({ consoleErrors: true })

  for (const path of ['/transformed', '/transformed-one']) {
    const tag = path === '/transformed' ? [] : ['@slow']
    test(`refuses its file: nothing of it is sent (${path})`, { tag }, async ({ page, album }) => {
      await transform(page, (file) => {
        if (file.name === 'bad.txt') throw new Error('it has a secret')
        return new Blob(['good'])
      })
      await album.open(path)
      await album.choose(text('bad.txt', 'a secret'))
      await expect(album.error('bad.txt')).toHaveText('The file could not be prepared')
      await expect(album.error('bad.txt')).toHaveAttribute('data-code', 'transform_failure')
      await album.save()
      await expect(album.saved).toHaveCount(0)
      await album.remove('bad.txt')
      await album.choose(text('good.txt'))
      await album.save()
      await expect(album.saved).toHaveText(['good.txt'])
      expect(await album.savedHashes()).toEqual({ 'good.txt': sha256(Buffer.from('good')) })
    })
  }

  test('is one that the page does not have, too', { tag: '@slow' }, async ({ album }) => {
    await album.open('/transformed')
    await album.choose(text('a.txt'))
    await expect(album.error('a.txt')).toHaveAttribute('data-code', 'transform_failure')
  })
})

test('a transform comes first, and keeps where a file lay', async ({ page, album, saved }) => {
  await transform(page, async (file) => {
    const bitmap = await createImageBitmap(file)
    const canvas = new OffscreenCanvas(bitmap.width * 2, bitmap.height)
    canvas.getContext('2d')!.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
    return canvas.convertToBlob()
  })
  await album.open('/transformed')
  const { buffer } = await pngCutOut('a.png', 100, 100)
  await album.photos.evaluate((input, bytes) => {
    const file = new File([Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0))], 'a.png', { type: 'image/png' })
    Object.defineProperty(file, 'webkitRelativePath', { value: 'folder/a.png' })
    input.dispatchEvent(new CustomEvent('track-uploads', { bubbles: true, detail: { files: [file] } }))
  }, buffer.toString('base64'))
  await expect(album.entry('a.png')).toHaveAttribute('data-path', 'folder/a.png')
  await album.save()
  expect(await look(await saved('a.png'))).toMatchObject({ width: 200, height: 100 })
})

test('thirty photos are read two at a time, and the first are sent before the last are ready', async ({
  page,
  album,
}) => {
  await page.addInitScript(() => {
    let [calls, open, most] = [0, 0, 0]
    const released = new Promise((resolve) => Object.assign(window, { release: resolve }))
    const read = window.createImageBitmap.bind(window)
    Object.assign(window, {
      mostOpen: () => most,
      createImageBitmap: async (...given: Parameters<typeof read>) => {
        most = Math.max(most, ++open)
        if (++calls === 30) await released
        const bitmap = await read(...given)
        const close = bitmap.close.bind(bitmap)
        bitmap.close = () => {
          open--
          close()
        }
        return bitmap
      },
    })
  })
  await album.open('/prepared-auto')
  const { buffer } = await jpegPhoto('', 1000, 750)
  const names = Array.from({ length: 30 }, (_, at) => `photo ${String(at).padStart(2, '0')}.jpg`)
  await album.photos.setInputFiles(names.map((name) => ({ name, mimeType: 'image/jpeg', buffer })))
  await expect(album.photos).toHaveAttribute('data-liveloom-preparing', '1')
  await expect(album.entry(names[0]!)).toBeVisible()
  await page.evaluate(() => (window as unknown as { release(): void }).release())
  await album.save()
  await expect(album.saved).toHaveText(names)
  expect(await page.evaluate(() => (window as unknown as { mostOpen(): number }).mostOpen())).toBe(2)
  const sizes = new Set(Object.values(await album.savedHashes()))
  expect(sizes.size).toBe(1)
})

test.describe('a page that is not connected yet', () => {
  test('what was chosen before its script came is made ready as well', { tag: '@slow' }, async ({ page, album }) => {
    const release = await holdTransforms(page)
    let arrive = (): void => {}
    const held = new Promise<void>((resolve) => (arrive = resolve))
    await page.route(/client-.*\.js/, async (route) => {
      await held
      await route.continue()
    })
    await page.goto('/transformed', { waitUntil: 'commit' })
    await album.photos.setInputFiles([text('a.txt'), text('b.txt')])
    arrive()
    await expect(album.photos).toHaveAttribute('data-liveloom-preparing', '2')
    await release()
    await expect(album.entries).toHaveCount(2)
    await album.save()
    await savesOwn(album)
  })

  for (const first of ['the files are ready', 'the view is there']) {
    const tag = first === 'the view is there' ? [] : ['@slow']
    test(`keeps what is chosen and submitted, whichever comes first: ${first}`, { tag }, async ({ page, album }) => {
      const release = await holdTransforms(page)
      let open = (): void => {}
      const held = new Promise<void>((resolve) => (open = resolve))
      await page.routeWebSocket(/websocket/, async (socket) => {
        await held
        socket.connectToServer()
      })
      await page.goto('/transformed')
      await album.photos.setInputFiles([text('a.txt'), text('b.txt')])
      await expect(album.photos).toHaveAttribute('data-liveloom-preparing', '2')
      const isReady = async (): Promise<void> => {
        await release()
        await expect(page.locator('[data-liveloom-preparing]')).toHaveCount(0)
      }
      if (first === 'the files are ready') await isReady()
      const submitted = album.save()
      open()
      await submitted
      if (first === 'the view is there') {
        await album.connected()
        await expect(album.photos).toHaveAttribute('data-liveloom-preparing', '2')
        await isReady()
      }
      await savesOwn(album)
    })
  }
})

test.describe('a connection that is lost meanwhile', { tag: '@slow' }, () => {
  // The browser says so when it cannot connect.
  test.use({ consoleErrors: true })

  test('changes nothing', async ({ page, album, link }) => {
    const release = await holdTransforms(page)
    await album.open('/transformed')
    await album.photos.setInputFiles([text('a.txt')])
    link.cut()
    await expect(album.offline).toBeVisible()
    await release()
    await expect(page.locator('[data-liveloom-preparing]')).toHaveCount(0)
    await album.photos.setInputFiles([text('b.txt')])
    link.mend()
    await album.connected()
    await expect(album.entries).toHaveText([/a\.txt/, /b\.txt/])
    await album.save()
    await savesOwn(album)
  })
})

test(
  'with keep, a file that is chosen again after a reload goes on where it was',
  { tag: '@slow' },
  async ({ app, page, album, link }) => {
    await transform(page, async (file) => new Blob([await file.arrayBuffer(), new Uint8Array(1_000_000)]))
    await album.open('/transformed-kept')
    await expect(album.photos).not.toHaveAttribute('data-liveloom-keep')
    const { buffer } = photo('', 2_000_000)
    const file = await app.write('large.png', buffer)
    link.limit(1_000_000)
    await album.choose(file)
    await album.moving('large.png')
    await page.reload()
    await album.connected()
    const waiting = page.getByRole('list', { name: 'Waiting' }).getByRole('listitem')
    await expect(waiting).toHaveCount(1)
    const offsets: number[] = []
    page.on('request', (request) => {
      if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']))
    })
    await album.choose(file)
    await expect(waiting).toHaveCount(0)
    link.limit(Infinity)
    await album.save()
    await expect(album.saved).toHaveText(['large.png'])
    expect(Math.min(...offsets)).toBeGreaterThan(0)
    const whole = Buffer.concat([buffer, Buffer.alloc(1_000_000)])
    expect(await album.savedHashes()).toEqual({ 'large.png': sha256(whole) })
  },
)
