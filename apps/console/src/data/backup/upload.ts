/**
 * Sends an RDB to the API as a stream, telling how far it is. XMLHttpRequest, because fetch tells nothing about what it sends.
 * The API names its own URL; only the path is taken, so that the request stays at the console's origin and carries the session.
 */
export interface Upload {
  readonly uploadId: string;
}

export function uploadRdb(
  file: File, uploadUrl: string, organizationId: string, onProgress: (ratio: number) => void, signal: AbortSignal,
): Promise<Upload> {
  const target = new URL(uploadUrl, window.location.origin);
  target.searchParams.set('organizationId', organizationId);
  target.searchParams.set('fileName', file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `${target.pathname}${target.search}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.responseType = 'text';
    request.upload.onprogress = (event) => { if (event.lengthComputable) onProgress(event.loaded / event.total); };
    request.onload = () => settle(request, resolve, reject);
    request.onerror = () => reject(new Error('The upload was interrupted.'));
    request.onabort = () => reject(new Error('The upload was cancelled.'));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}

function settle(request: XMLHttpRequest, resolve: (upload: Upload) => void, reject: (error: Error) => void): void {
  const answer = parse(request.responseText);
  if (request.status === 201 && typeof answer.uploadId === 'string') resolve({ uploadId: answer.uploadId });
  else reject(new Error(typeof answer.error === 'string' ? answer.error : `The upload was refused (${request.status}).`));
}

function parse(text: string): { uploadId?: unknown; error?: unknown } {
  try {
    return JSON.parse(text) as { uploadId?: unknown; error?: unknown };
  } catch {
    return {};
  }
}
