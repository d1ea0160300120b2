/* git_server.mjs: git's own server, git-http-backend, over HTTP on loopback
 *
 *     const server = await gitServer(folder);                   every repository in the folder
 *     `${server.base}/name.git`
 *     server.close();
 *
 * `answer(request, reply)` may take a request for itself by returning true.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';

const backend = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-http-backend');

/* RFC 3875, as far as that program needs it. */
function cgi(folder, request, reply) {
  const url = new URL(request.url, 'http://host');
  const child = spawn(backend, {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      PATH: process.env.PATH, GIT_PROJECT_ROOT: folder, GIT_HTTP_EXPORT_ALL: '1', PATH_INFO: url.pathname, QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method, CONTENT_TYPE: request.headers['content-type'] ?? '', GIT_PROTOCOL: request.headers['git-protocol'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*',
    },
  });
  let head = Buffer.alloc(0);
  const headTake = (bytes) => {
    head = Buffer.concat([head, bytes]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    child.stdout.off('data', headTake);
    const headers = Object.fromEntries(head.subarray(0, end).toString().split('\r\n').map((line) => line.split(': ')));
    reply.writeHead(parseInt(headers.Status ?? '200', 10), headers);
    reply.write(head.subarray(end + 4));
    child.stdout.pipe(reply);
  };
  child.stdout.on('data', headTake);
  child.stdin.on('error', () => {});
  reply.on('close', () => child.stdout.destroy());
  request.pipe(child.stdin);
}

export async function gitServer(folder, answer = () => false) {
  const server = createServer((request, reply) => { if (!answer(request, reply)) cgi(folder, request, reply); }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { base: `http://127.0.0.1:${server.address().port}`, close: () => { server.close(); server.closeAllConnections?.(); } };
}
