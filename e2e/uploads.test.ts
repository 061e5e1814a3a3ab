import { hashes, photo, text } from './support/files.ts'
import { expect, test } from './support/test.ts'

const kB = 1000

test('saves a chosen photo byte for byte, under a name of its own, and shows it to other visitors at once', async ({
  album,
  otherAlbum,
  app,
}) => {
  const cat = photo('cat.png')
  await album.open()
  await otherAlbum.open()
  await album.choose(cat)
  await album.save()
  await expect(album.saved).toHaveText(['cat.png'])
  await expect(otherAlbum.saved).toHaveText(['cat.png'])
  expect(await otherAlbum.savedHashes()).toEqual(hashes([cat]))
  expect(await app.savedNames()).not.toContain('cat.png')
  await expect(album.entries).toHaveCount(0)
})

test('takes a photo that is dropped', async ({ album, app }) => {
  const dog = photo('dog.png')
  await album.open()
  await album.drop(await app.write('dog.png', dog.buffer))
  await expect(album.entries).toHaveText(/dog\.png/)
  await expect(album.dropZone).not.toHaveClass(/phx-drop-target-active/)
  await album.save()
  await expect(album.saved).toHaveText(['dog.png'])
  expect(await album.savedHashes()).toEqual(hashes([dog]))
})

test('takes several photos at once, dropped or chosen', async ({ album, app }) => {
  const dropped = [photo('a.png'), photo('b.png', 200 * kB)]
  const chosen = photo('c.jpg', 500 * kB)
  await album.open()
  await album.drop(...(await Promise.all(dropped.map(({ name, buffer }) => app.write(name, buffer)))))
  await expect(album.entries).toHaveCount(2)
  await album.choose(chosen)
  await expect(album.entries).toHaveCount(3)
  await album.save()
  await expect(album.saved).toHaveText(['a.png', 'b.png', 'c.jpg'])
  expect(await album.savedHashes()).toEqual(hashes([...dropped, chosen]))
})

test('shows a photo before it is sent', async ({ album }) => {
  await album.open()
  await album.choose(photo('cat.png'), photo('dog.png'))
  for (const name of ['cat.png', 'dog.png']) {
    const preview = album.entry(name).getByRole('img')
    await expect(preview).toHaveAttribute('alt', `Preview of ${name}`)
    await expect.poll(() => preview.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1)
  }
})

test.describe('a Blob without a name, which a hook hands over', () => {
  for (const path of ['/big', '/big-auto']) {
    test(`is saved at ${path}`, async ({ album, app }) => {
      await album.open(path)
      await album.photos.evaluate((input) => {
        const files = [new Blob(['recorded sound'], { type: 'audio/webm' })]
        // What `upload` of a hook does.
        input.dispatchEvent(new CustomEvent('track-uploads', { bubbles: true, detail: { files } }))
      })
      await expect(album.entries).toContainText(['blob.webm'])
      if (path === '/big-auto') await expect.poll(() => album.progress('blob.webm')).toBe(100)
      await album.save()
      await expect(album.saved).toHaveText(['blob.webm'])
      expect((await app.savedFile((await app.savedNames())[0]!)).toString()).toBe('recorded sound')
    })
  }
})

test('goes by the name of a photo whose type the browser does not know', async ({ album, page }) => {
  await album.open('/one-form')
  const images = page.getByLabel('Images', { exact: true })
  const files = [
    { name: 'IMG_0001.HEIC', mimeType: 'application/octet-stream' },
    { name: 'notes.txt', mimeType: 'application/octet-stream' },
  ]
  for (const file of files) {
    await images.setInputFiles({ ...file, buffer: Buffer.from('bytes') })
    await expect(album.entry(file.name)).toBeVisible()
  }
  await expect(album.entry('IMG_0001.HEIC').locator('[data-code]')).toHaveCount(0)
  await expect(album.entry('notes.txt').locator('[data-code]')).toHaveAttribute('data-code', 'not_accepted')
  await album.remove('notes.txt')
  await album.save()
  await expect(album.saved).toHaveText(['IMG_0001.HEIC'])
})

test('saves without any photo', async ({ album }) => {
  await album.open()
  await album.name.fill('Empty')
  await album.save()
  await expect(album.name).toHaveValue('')
  await expect(album.saved).toHaveCount(0)
})

test('shows the progress of a big file on a slow line, from the first percents to the end', async ({ album, link }) => {
  const big = photo('big.png', 3000 * kB)
  await album.open('/big')
  await album.choose(big)
  const seen = await album.watchProgress('big.png')
  link.limit(500 * kB)
  await album.save()
  await expect(album.saved).toHaveText(['big.png'])
  const progress = await seen()
  expect(progress).toEqual([...new Set(progress)].sort((a, b) => a - b))
  expect(progress.filter((percent) => percent > 0 && percent < 100).length).toBeGreaterThan(10)
  expect(progress.at(-1)).toBe(100)
  expect(await album.savedHashes()).toEqual(hashes([big]))
})

test('a validation error keeps the chosen files, before they are sent and after', async ({ album }) => {
  const cat = photo('cat.png')
  await album.open()
  await album.choose(cat)
  await album.name.fill('A name that is much too long')
  await expect(album.page.locator('#name-error')).toBeVisible()
  await expect(album.entries).toHaveCount(1)
  await album.save()
  await expect.poll(() => album.progress('cat.png')).toBe(100)
  await expect(album.page.locator('#name-error')).toBeVisible()
  await album.name.fill('Short')
  await expect(album.page.locator('#name-error')).toHaveCount(0)
  await expect(album.entries).toHaveCount(1)
  await album.save()
  await expect(album.saved).toHaveText(['cat.png'])
  expect(await album.savedHashes()).toEqual(hashes([cat]))
})

test('works by keyboard alone', async ({ album, page }) => {
  const cat = photo('cat.png')
  const { keyboard } = page
  await album.open()
  // Long before the key: keys and the wish to be told of the dialog take different ways into the browser.
  const chooser = page.waitForEvent('filechooser')
  await album.ping.focus()
  await keyboard.press('Tab')
  await expect(album.name).toBeFocused()
  await keyboard.type('Cats')
  await keyboard.press('Tab')
  await expect(album.photos).toBeFocused()
  await keyboard.press('Enter')
  await (await chooser).setFiles(cat)
  await expect(album.entries).toHaveCount(1)
  await expect(album.photos).toBeFocused()
  await keyboard.press('Tab')
  await expect(album.saveButton).toBeFocused()
  await keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Remove cat.png' })).toBeFocused()
  await keyboard.press('Shift+Tab')
  await keyboard.press('Enter')
  await expect(album.saved).toHaveText(['cat.png'])
  await expect(album.saveButton).toBeFocused()
})

test.describe('refuses', () => {
  test('too many photos, until one is removed', async ({ album }) => {
    const photos = ['a.png', 'b.png', 'c.png', 'd.png'].map((name) => photo(name))
    await album.open()
    await album.choose(...photos)
    const alert = album.page.getByRole('alert')
    await expect(alert).toHaveAttribute('data-code', 'too_many_files')
    await expect(alert).toHaveText('Choose at most 3 files')
    await album.save()
    await album.clickPing()
    await expect(album.saved).toHaveCount(0)
    await album.remove('b.png')
    await expect(alert).toHaveCount(0)
    await album.save()
    await expect(album.saved).toHaveText(['a.png', 'c.png', 'd.png'])
    expect(await album.savedHashes()).toEqual(hashes(photos.filter(({ name }) => name !== 'b.png')))
  })

  const refused = [
    {
      what: 'a photo that is too large',
      file: photo('huge.png', 1_100_000),
      code: 'too_large',
      message: 'Larger than 1 MB',
    },
    { what: 'a file of a wrong type', file: text('notes.txt'), code: 'not_accepted', message: /^Not an accepted type/ },
  ]
  for (const { what, file, code, message } of refused) {
    test(`${what}, and saves the others once it is removed`, async ({ album }) => {
      const cat = photo('cat.png')
      await album.open()
      await album.choose(cat, file)
      await expect(album.error(file.name)).toHaveAttribute('data-code', code)
      await expect(album.error(file.name)).toHaveText(message)
      await expect(album.error('cat.png')).toHaveCount(0)
      await album.save()
      await album.clickPing()
      await expect(album.saved).toHaveCount(0)
      await album.remove(file.name)
      await album.save()
      await expect(album.saved).toHaveText(['cat.png'])
    })
  }
})

test('accepts a text that is named like a photo: the name is what the browser goes by', async ({ album }) => {
  const disguised = { ...text('poem.png'), mimeType: 'image/png' }
  await album.open()
  await album.choose(disguised)
  await expect(album.error('poem.png')).toHaveCount(0)
  await album.save()
  await expect(album.saved).toHaveText(['poem.png'])
  expect(await album.savedHashes()).toEqual(hashes([disguised]))
})

test.describe('removes a photo', () => {
  test('before the transfer', async ({ album }) => {
    const [cat, dog] = [photo('cat.png'), photo('dog.png')]
    await album.open()
    await album.choose(cat, dog)
    await album.remove('cat.png')
    await album.save()
    await expect(album.saved).toHaveText(['dog.png'])
    expect(await album.savedHashes()).toEqual(hashes([dog]))
  })

  test('and takes the same one again', async ({ album }) => {
    const cat = photo('cat.png')
    await album.open()
    await album.choose(cat)
    await album.remove('cat.png')
    await album.choose(cat)
    await album.save()
    await expect(album.saved).toHaveText(['cat.png'])
  })

  test('during the transfer: its bytes go at once, and the others are saved', async ({ album, app, link }) => {
    const [big, other] = [photo('big.png', 4000 * kB), photo('other.png', 2000 * kB)]
    await album.open('/big')
    await album.choose(big, other)
    link.limit(600 * kB)
    await album.save()
    await album.moving('big.png')
    await album.moving('other.png')
    expect(await app.unfinished()).toHaveLength(2)
    await album.remove('big.png')
    await expect.poll(() => app.unfinished()).toHaveLength(1)
    await expect(album.saved).toHaveText(['other.png'])
    expect(await album.savedHashes()).toEqual(hashes([other]))
    await expect.poll(() => app.unfinished()).toEqual([])
  })

  test('during the transfer, the only one: the form saves nothing and can be used again', async ({
    album,
    app,
    link,
  }) => {
    const [big, small] = [photo('big.png', 4000 * kB), photo('small.png')]
    await album.open('/big')
    await album.name.fill('Holiday')
    await album.choose(big)
    link.limit(600 * kB)
    await album.save()
    await album.moving('big.png')
    await album.remove('big.png')
    await expect.poll(() => app.unfinished()).toEqual([])
    link.limit(Infinity)
    // The save that waited for the file goes on without it.
    await expect(album.name).toHaveValue('')
    await album.choose(small)
    await album.save()
    await expect(album.saved).toHaveText(['small.png'])
  })

  test('while its channel is being opened: the others are saved', { tag: '@slow' }, async ({ album, app, link }) => {
    const [big, other] = [photo('big.png', 400 * kB), photo('other.png', 200 * kB)]
    await album.open('/big')
    await album.choose(big, other)
    link.down.stall()
    await album.saveButton.click()
    await album.removeButton('big.png').click()
    // The browser learns that it may send both, asks for both channels, and only then that one is not wanted any more.
    link.down.resume()
    await expect(album.saved).toHaveText(['other.png'])
    expect(await album.savedHashes()).toEqual(hashes([other]))
    await expect.poll(() => app.unfinished()).toEqual([])
  })

  test(
    'in the same moment as it is saved: the others wait for another click',
    { tag: '@slow' },
    async ({ album, app, link }) => {
      const [big, other] = [photo('big.png', 400 * kB), photo('other.png', 200 * kB)]
      await album.open('/big')
      await album.choose(big, other)
      link.down.stall()
      await album.removeButton('big.png').click()
      await album.saveButton.click()
      link.down.resume()
      await expect(album.entry('big.png')).toHaveCount(0)
      await album.unlocked()
      await album.save()
      await expect(album.saved).toHaveText(['other.png'])
      expect(await album.savedHashes()).toEqual(hashes([other]))
      await expect.poll(() => app.unfinished()).toEqual([])
    },
  )

  test('after the transfer, before it is saved', async ({ album, app }) => {
    const [cat, dog] = [photo('cat.png'), photo('dog.png')]
    await album.open()
    await album.choose(cat, dog)
    await album.name.fill('A name that is much too long')
    await album.save()
    await expect.poll(() => album.progress('cat.png')).toBe(100)
    await expect.poll(() => album.progress('dog.png')).toBe(100)
    await expect(album.page.locator('#name-error')).toBeVisible()
    await album.remove('cat.png')
    await expect.poll(() => app.unfinished()).toHaveLength(1)
    await album.name.fill('Dogs')
    await album.save()
    await expect(album.saved).toHaveText(['dog.png'])
    expect(await album.savedHashes()).toEqual(hashes([dog]))
  })
})

test.describe('auto upload', () => {
  test('sends as soon as photos are chosen, and saves them with the form', async ({ album, app }) => {
    const [cat, dog] = [photo('cat.png'), photo('dog.png', 800 * kB)]
    await album.open('/auto')
    await album.choose(cat)
    await expect.poll(() => album.progress('cat.png')).toBe(100)
    await album.choose(dog)
    await expect.poll(() => album.progress('dog.png')).toBe(100)
    expect(await app.unfinished()).toHaveLength(2)
    await expect(album.saved).toHaveCount(0)
    await album.save()
    await expect(album.saved).toHaveText(['cat.png', 'dog.png'])
    expect(await album.savedHashes()).toEqual(hashes([cat, dog]))
  })

  test('saves when everything has arrived, also when the form was submitted before', async ({ album, link }) => {
    const big = photo('big.png', 1000 * kB)
    await album.open('/auto')
    link.limit(400 * kB)
    await album.choose(big)
    await album.moving('big.png')
    await album.save()
    await expect(album.saved).toHaveText(['big.png'])
    expect(await album.savedHashes()).toEqual(hashes([big]))
  })

  test('saves what was chosen just before, when the server has not answered that yet', async ({ album, link }) => {
    const cat = photo('cat.png')
    await album.open('/auto')
    link.up.stall()
    await album.photos.setInputFiles([cat])
    await album.save()
    link.up.resume()
    await expect(album.saved).toHaveText(['cat.png'])
    expect(await album.savedHashes()).toEqual(hashes([cat]))
  })

  test('removes what is sent already', async ({ album, app }) => {
    await album.open('/auto')
    await album.choose(photo('cat.png'))
    await expect.poll(() => album.progress('cat.png')).toBe(100)
    await album.remove('cat.png')
    await expect.poll(() => app.unfinished()).toEqual([])
    await album.save()
    await album.clickPing()
    await expect(album.saved).toHaveCount(0)
  })

  test('sends the good ones beside one that is refused', { tag: '@slow' }, async ({ album }) => {
    await album.open('/auto')
    await album.choose(photo('cat.png'), text('notes.txt'))
    await expect.poll(() => album.progress('cat.png')).toBe(100)
    await expect(album.error('notes.txt')).toHaveAttribute('data-code', 'not_accepted')
    await album.remove('notes.txt')
    await album.save()
    await expect(album.saved).toHaveText(['cat.png'])
  })
})

test('saves a folder of 300 files with the paths they had', { tag: '@slow' }, async ({ album, app }) => {
  const files = Array.from({ length: 300 }, (_, at) => text(`trip/day ${at % 7}/note-${at}.txt`))
  for (const { name, buffer } of files) await app.write(name, buffer)
  await album.open('/folder')
  await album.photos.setInputFiles(`${app.home}/chosen/trip`)
  await expect(album.entries).toHaveCount(300)
  await album.save()
  await expect(album.saved).toHaveCount(300, { timeout: 40_000 })
  expect(await album.savedHashes()).toEqual(hashes(files))
})

test.describe('room for one photo', () => {
  test('is given to the one that was chosen last', async ({ album }) => {
    const [cat, dog] = [photo('cat.png'), photo('dog.png')]
    await album.open('/one')
    await album.choose(cat)
    await album.choose(dog)
    await expect(album.entries).toHaveCount(1)
    await album.save()
    await expect(album.saved).toHaveText(['dog.png'])
    expect(await album.savedHashes()).toEqual(hashes([dog]))
  })

  test(
    'is given to the one that was chosen last, also while the other is on its way',
    { tag: '@slow' },
    async ({ album, app, link }) => {
      const [big, dog] = [photo('big.png', 4000 * kB), photo('dog.png')]
      await album.open('/one-auto')
      link.limit(600 * kB)
      await album.choose(big)
      await album.moving('big.png')
      await album.choose(dog)
      await expect.poll(() => album.progress('dog.png')).toBe(100)
      await expect(album.entries).toHaveCount(1)
      await expect.poll(() => app.unfinished()).toHaveLength(1)
      await album.save()
      await expect(album.saved).toHaveText(['dog.png'])
      expect(await album.savedHashes()).toEqual(hashes([dog]))
    },
  )
})

test.describe('a page that is closed in mid-upload', () => {
  // The client reports what it cannot send any more.
  test.use({ consoleErrors: true })

  test('leaves no file', async ({ album, app, link }) => {
    await album.open('/big')
    await album.choose(photo('big.png', 4000 * kB))
    link.limit(600 * kB)
    await album.save()
    await album.moving('big.png')
    expect(await app.unfinished()).toHaveLength(1)
    await album.page.close()
    await expect.poll(() => app.unfinished()).toEqual([])
  })
})

test.describe('two inputs', () => {
  const image = photo('cat.png', 1000 * kB)
  const note = text('note.txt', 'word '.repeat(200 * kB))

  test('of one form send at once and are saved together', { tag: '@slow' }, async ({ album, app, link, page }) => {
    await album.open('/one-form')
    await page.getByLabel('Images', { exact: true }).setInputFiles(image)
    // The client finds no file for a preview that comes while its form is locked by the next choice.
    await expect(page.getByRole('list', { name: 'Chosen images' })).toContainText('cat.png')
    await page.getByLabel('Texts', { exact: true }).setInputFiles(note)
    await expect(page.getByRole('list', { name: 'Chosen texts' })).toContainText('note.txt')
    link.limit(400 * kB)
    await album.save()
    await album.moving('cat.png')
    await album.moving('note.txt')
    expect(await app.unfinished()).toHaveLength(2)
    await expect(album.saved).toHaveText(['cat.png', 'note.txt'])
    expect(await album.savedHashes()).toEqual(hashes([image, note]))
  })

  test(
    'of two forms send at once and are saved each with its own',
    { tag: '@slow' },
    async ({ album, app, link, page }) => {
      await album.open('/two-forms')
      await page.getByLabel('Images', { exact: true }).setInputFiles(image)
      await page.getByLabel('Texts', { exact: true }).setInputFiles(note)
      await expect(album.entry('cat.png')).toBeVisible()
      await expect(album.entry('note.txt')).toBeVisible()
      link.limit(250 * kB)
      await page.getByRole('button', { name: 'Save texts' }).click()
      await album.moving('note.txt')
      await page.getByRole('button', { name: 'Save images' }).click()
      await album.moving('cat.png')
      expect(await app.unfinished()).toHaveLength(2)
      await expect(album.saved).toHaveText(['note.txt', 'cat.png'])
      expect(await album.savedHashes()).toEqual(hashes([image, note]))
    },
  )

  test('of two forms: one is saved, and the other keeps what was chosen', async ({ album, page }) => {
    await album.open('/two-forms')
    await page.getByLabel('Images', { exact: true }).setInputFiles(image)
    await page.getByLabel('Texts', { exact: true }).setInputFiles(note)
    await expect(album.entry('note.txt')).toBeVisible()
    await page.getByRole('button', { name: 'Save texts' }).click()
    await expect(album.saved).toHaveText(['note.txt'])
    await expect(album.entry('cat.png')).toBeVisible()
    await page.getByRole('button', { name: 'Save images' }).click()
    await expect(album.saved).toHaveText(['note.txt', 'cat.png'])
  })
})

test('a save in the moment in which automatic files ask for leave to be sent waits for them', async ({
  album,
  page,
}) => {
  await page.addInitScript(() => {
    const { send } = WebSocket.prototype
    WebSocket.prototype.send = function (data) {
      send.call(this, data)
      const asks = typeof data === 'string' && data.includes('"allow_upload"')
      if (asks) queueMicrotask(() => document.querySelector<HTMLButtonElement>('#album button')!.click())
    }
  })
  const chosen = [photo('a.png', 500 * kB), photo('b.png', 500 * kB)]
  await album.open('/big-auto')
  await album.choose(...chosen)
  await expect(album.saved).toHaveText(['a.png', 'b.png'])
  expect(await album.savedHashes()).toEqual(hashes(chosen))
  await album.unlocked()
})
