/** The bucket of the page `/buckets`, as the environment names it; `undefined` where it names none. */
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { UploadEntry } from 'liveloom'

export interface StoredFile {
  readonly key: string
  readonly name: string
  readonly size: number
}

export type Bucket = NonNullable<typeof bucket>

const { S3_BUCKET, S3_ENDPOINT, S3_REGION = 'us-east-1' } = process.env
/** All that the gallery stores is in it, and all visitors see it. */
const folder = 'gallery/'

export const bucket = S3_BUCKET === undefined ? undefined : open(S3_BUCKET)

function open(name: string) {
  // Whose it is, the SDK finds by itself: in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, say.
  const other = S3_ENDPOINT === undefined ? {} : { endpoint: S3_ENDPOINT, forcePathStyle: true }
  const client = new S3Client({ region: S3_REGION, ...other })
  return {
    name,
    client,
    /** Where browsers send to, and download from. */
    origin: new URL(S3_ENDPOINT ?? `https://${name}.s3.${S3_REGION}.amazonaws.com`).origin,

    /** The browser has chosen the name: no more of it than letters, digits and a few marks. */
    keyOf: (_: unknown, { uuid, clientName }: UploadEntry): string =>
      `${folder}${uuid}/${clientName.replaceAll(/[^\p{L}\p{N}._-]+/gu, '_').replace(/^\.+/, '')}`,

    async list(): Promise<readonly StoredFile[]> {
      const { Contents: found = [] } = await client.send(
        new ListObjectsV2Command({ Bucket: name, Prefix: folder, MaxKeys: 100 }),
      )
      return found.map(({ Key: key = '', Size: size = 0 }) => ({ key, name: key.split('/').at(-1)!, size }))
    },

    /** An address that is good for a minute, and answers with a file to save. */
    async addressOf(key: string): Promise<URL> {
      const command = new GetObjectCommand({ Bucket: name, Key: key, ResponseContentDisposition: 'attachment' })
      return new URL(await getSignedUrl(client, command, { expiresIn: 60 }))
    },

    async remove(key: string): Promise<void> {
      await client.send(new DeleteObjectCommand({ Bucket: name, Key: key }))
    },
  }
}
