/** The application of the browser tests: one process, started by `support/app.ts`. Prints its address when it is ready. */
import { createLiveServer, strictContentSecurityPolicy } from 'liveloom'
import { serve } from 'liveloom/node'
import { createAlbum } from './album.ts'
import { bucketOrigin, createBucket } from './bucket.ts'
import { createCounted } from './bucket-counted.ts'
import { createChooser, keptParts, parts } from './chooser.ts'
import { downloads } from './downloads.ts'
import { draft, help } from './draft.ts'
import { oneForm, twoForms } from './inputs.ts'
import { createScanned } from './scanned.ts'
import { createWizard } from './wizard.ts'

const MiB = 1024 * 1024
const photos = { accept: ['.png', '.jpg'], maxEntries: 3, maxFileSize: MiB }
const anything = { maxEntries: 3, maxFileSize: 512 * MiB }
const prepared = { ...anything, maxEntries: 40 }
const resize = { maxWidth: 200, maxHeight: 150 }

const { url } = await serve(
  createLiveServer({
    // Whatever is driven here works under it: each violation is an error in the browser's console.
    // Another site of the tests gives files.
    contentSecurityPolicy: (nonce) =>
      strictContentSecurityPolicy(nonce, {
        'frame-src': "'self' http://127.0.0.1:*",
        'connect-src': `'self' ${bucketOrigin}`,
      }),
    // For tests of what is lost with a view.
    ...(process.env['LOSES_VIEWS'] === 'yes' && { resumeWindow: 0 }),
    routes: {
      '/': createAlbum(photos),
      '/auto': createAlbum({ ...photos, autoUpload: true }),
      '/one': createAlbum({ ...anything, maxEntries: 1 }),
      '/one-auto': createAlbum({ ...anything, maxEntries: 1, autoUpload: true }),
      '/big': createAlbum(anything),
      '/many': createAlbum({ ...anything, maxEntries: 8 }),
      '/big-chunks': createAlbum({ ...anything, chunkSize: MiB }),
      '/big-auto': createAlbum({ ...anything, autoUpload: true }),
      '/impatient': createAlbum({ ...anything, chunkTimeout: 1500 }),
      '/slow-save': createAlbum({ ...photos, saveTakes: 40_000 }),
      '/folder': createAlbum({ maxEntries: 300, folder: true }),
      '/folder-of-files': createAlbum({ maxEntries: 300 }),
      '/thousands': createAlbum({ maxEntries: 5000 }),
      '/thousands-counted': createAlbum({ maxEntries: 5000, counts: true }),
      '/kept': createAlbum({ ...anything, accept: ['.png', 'image/*'], autoUpload: true, keep: 'visitor' }),
      '/kept-one': createAlbum({
        ...anything,
        accept: ['.png', 'image/*'],
        maxEntries: 1,
        autoUpload: true,
        keep: 'visitor',
      }),
      '/kept-folder': createAlbum({ ...anything, folder: true, keep: 'visitor' }),
      '/kept-too': createAlbum({ ...anything, autoUpload: true, keep: 'visitor' }),
      '/kept-form': createAlbum({ ...anything, keep: { key: 'form' } }),
      '/kept-form-too': createAlbum({ ...anything, keep: { key: 'form' } }),
      '/chooser': createChooser(anything),
      '/chooser-auto': createChooser({ ...anything, autoUpload: true }),
      '/chooser-one': createChooser({ ...anything, maxEntries: 1 }),
      '/chooser-one-auto': createChooser({ ...anything, maxEntries: 1, autoUpload: true }),
      '/empty': createChooser({ ...anything, minFileSize: 0 }),
      '/empty-auto': createChooser({ ...anything, minFileSize: 0, autoUpload: true }),
      '/verified': createChooser({ ...anything, verify: true }),
      '/prepared': createChooser({ ...prepared, resize }),
      '/prepared-auto': createChooser({ ...prepared, resize, autoUpload: true }),
      '/prepared-one': createChooser({ ...prepared, resize, maxEntries: 1 }),
      '/prepared-webp': createChooser({ ...prepared, resize: { ...resize, type: 'image/webp' } }),
      '/prepared-jpeg': createChooser({ ...prepared, resize: { type: 'image/jpeg' } }),
      '/transformed': createChooser({ ...prepared, resize, transform: 'own' }),
      '/transformed-one': createChooser({ ...prepared, maxEntries: 1, transform: 'own' }),
      '/transformed-auto': createChooser({ ...prepared, transform: 'own', autoUpload: true }),
      '/transformed-kept': createAlbum({ ...prepared, transform: 'own', autoUpload: true, keep: 'visitor' }),
      '/scanned': createScanned(anything),
      '/scanned-auto': createScanned({ ...anything, autoUpload: true }),
      '/parts': parts,
      '/kept-parts': keptParts,
      '/wizard': createWizard(anything),
      '/wizard-auto': createWizard({ ...anything, autoUpload: true }),
      '/wizard-hides': createWizard({ ...anything, hides: true }),
      '/bucket-through': createCounted('through'),
      '/bucket-straight': createCounted('straight'),
      '/bucket': createBucket(anything),
      '/bucket-kept': createBucket({ ...anything, autoUpload: true, keep: 'visitor' }),
      '/downloads': downloads,
      '/draft': draft,
      '/draft/help': help,
      '/one-form': oneForm,
      '/two-forms': twoForms,
    },
  }),
)
process.stdout.write(`${url}\n`)
