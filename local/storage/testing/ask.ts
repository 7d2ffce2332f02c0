/** What tests ask of a client again and again. @module */
import type { SupabaseClient } from "@supabase/supabase-js";

/** Bytes of a text. */
export const bytes = (text: string): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(text);

/** Status and message of a refusal, as the client hands it on; null: it was none. */
export async function refusal(
  result: PromiseLike<{ error: unknown }>,
): Promise<[string, string] | null> {
  const { error } = await result as {
    error: { statusCode: string; message: string } | null;
  };
  return error && [error.statusCode, error.message];
}

/** Text of an object; undefined if the client does not get it. */
export async function text(
  client: SupabaseClient,
  bucket: string,
  key: string,
): Promise<string | undefined> {
  return await (await client.storage.from(bucket).download(key)).data?.text();
}

/** Lets people write below `own/` in the bucket `a`, and see what they own there. */
export const OWNERS_POLICIES = `
  create policy test_insert on storage.objects for insert to authenticated
  with check (bucket_id = 'a' and (storage.foldername(name))[1] = 'own');
  create policy test_select on storage.objects for select to authenticated
  using (bucket_id = 'a' and owner_id = (select auth.uid())::text)`;
