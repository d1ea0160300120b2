/* tests/clients/contract.mjs: an OpenAPI document, and whether replies are as it says
 *
 * Stands here because ajv is one of the packages of this folder.
 */
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import assert from 'node:assert/strict';

/* Validators of a document, made once each. */
export class Contract {
  constructor(document) {
    this.document = document;
    this.ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats(this.ajv);
    this.ajv.addSchema({ $id: 'openapi', components: document.components });
    this.made = new Map();
    this.seen = new Set(); // "POST /login 200"
    this.rows = Object.entries(document.paths).map(([path, methods]) => ({
      path, methods, pattern: new RegExp(`^${path.replace(/\{[^}]*\}/g, '[^/]+')}$`), names: path.includes('{') ? 1 : 0,
    })).sort((a, b) => a.names - b.names);
  }

  operation(method, path) {
    const bare = path.split('?')[0];
    const row = this.rows.find(({ pattern, methods }) => pattern.test(bare) && method.toLowerCase() in methods);
    return row && { name: row.path, ...row.methods[method.toLowerCase()] };
  }

  #validator(key, schema) {
    if (!this.made.has(key)) {
      const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"openapi#/components/'));
      this.made.set(key, this.ajv.compile(absolute));
    }
    return this.made.get(key);
  }

  check(method, path, reply) {
    const operation = this.operation(method, path);
    if (!operation || reply.status === 404 && reply.json?.error?.code === 'path') return;
    const key = `${method} ${operation.name} ${reply.status}`;
    let response = operation.responses[reply.status] ?? (reply.status >= 400 ? operation.responses.default ?? { $ref: '#/components/responses/refused' } : undefined);
    assert.ok(response, `${key} is not described`);
    if (response.$ref) response = this.document.components.responses[response.$ref.split('/').at(-1)];
    this.seen.add(key);
    const schema = response.content?.['application/json']?.schema;
    if (!schema) return; // bytes, or nothing
    const validate = this.#validator(key, schema);
    assert.ok(validate(reply.json), `${key} is not as described: ${this.ajv.errorsText(validate.errors)}\n${reply.text.slice(0, 1000)}`);
  }
}
