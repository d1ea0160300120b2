-- bench/peers/gate.lua: the gate's checks in nginx's Lua, in the best form we know
--
-- HMAC by libcrypto itself over LuaJIT's FFI, each key's padded state kept in the worker (restarted
-- with HMAC_Init_ex without a key, which costs half an HMAC less); state, nonce and rate in shared
-- dictionaries, so that all workers agree.  Strictly increasing nonces by an addition that is undone
-- when another worker was faster: a dictionary has no compare-and-swap.
local ffi = require "ffi"
local C = ffi.C
local crypto = ffi.load "libcrypto.so.3"
ffi.cdef [[
typedef struct hmac_ctx_st HMAC_CTX;
HMAC_CTX *HMAC_CTX_new(void);
const void *EVP_sha384(void);
int HMAC_Init_ex(HMAC_CTX *ctx, const void *key, int size, const void *md, void *engine);
int HMAC_Update(HMAC_CTX *ctx, const char *data, size_t size);
int HMAC_Final(HMAC_CTX *ctx, unsigned char *out, unsigned int *size);
int CRYPTO_memcmp(const void *a, const void *b, size_t size);
unsigned char *ngx_hex_dump(unsigned char *to, const unsigned char *from, size_t size);
]]
local ngx, var, tonumber, sub, find = ngx, ngx.var, tonumber, string.sub, string.find
local read_body, body_data = ngx.req.read_body, ngx.req.get_body_data
local set_header, get_method = ngx.req.set_header, ngx.req.get_method
local states, nonces, rates = ngx.shared.states, ngx.shared.nonces, ngx.shared.rates
local mac, mac_hex = ffi.new "unsigned char[48]", ffi.new "unsigned char[96]"
local RATE_PER_S, ACTIVE = 1000000, 1
local scopes = { ["POST /v2/auth/w/order/submit"] = "orders:write", ["GET /v2/ticker/tBTCUSD"] = "" }
local keys = {}
local gate = {}

function gate.load(path)
    local account = 0
    for line in io.lines(path) do
        local id, secret = line:match "(%S+) (%S+)"
        account = account + 1
        local context = crypto.HMAC_CTX_new()
        crypto.HMAC_Init_ex(context, secret, #secret, crypto.EVP_sha384(), nil)
        keys[id] = { context = context, account = tostring(account), network = "127.",
                     scopes = { ["orders:write"] = true, [""] = true } }
        states:set(id, ACTIVE)
        nonces:set(id, 0)
    end
end

local function refuse(status)
    ngx.status = status
    ngx.header["Content-Type"] = "application/json"
    ngx.print '["error",10100,"apikey: invalid"]'
    return ngx.exit(status)
end

local function nonce_take(id, nonce)
    local last = nonces:get(id)
    while nonce > last do
        local reached = nonces:incr(id, nonce - last)
        if reached == nonce then return true end
        nonces:incr(id, last - nonce)
        last = nonces:get(id)
    end
    return false
end

function gate.judge()
    local id, nonce, signature = var.http_bfx_apikey, var.http_bfx_nonce, var.http_bfx_signature
    local key = id and keys[id]
    if not key or not nonce or not signature or #signature ~= 96 then return refuse(401) end
    local path, query = var.request_uri, nil
    query = find(path, "?", 1, true)
    if query then path = sub(path, 1, query - 1) end
    local context = key.context
    crypto.HMAC_Init_ex(context, nil, 0, nil, nil)
    crypto.HMAC_Update(context, "/api", 4)
    crypto.HMAC_Update(context, path, #path)
    crypto.HMAC_Update(context, nonce, #nonce)
    read_body()
    local body = body_data()
    if body then crypto.HMAC_Update(context, body, #body) end
    crypto.HMAC_Final(context, mac, nil)
    C.ngx_hex_dump(mac_hex, mac, 48)
    if crypto.CRYPTO_memcmp(mac_hex, signature, 96) ~= 0 then return refuse(401) end
    local scope = scopes[get_method() .. " " .. path]
    if not scope then return refuse(404) end
    if states:get(id) ~= ACTIVE then return refuse(500) end
    if sub(var.remote_addr, 1, #key.network) ~= key.network then return refuse(500) end
    nonce = tonumber(nonce)
    if not nonce or not nonce_take(id, nonce) then return refuse(500) end
    if rates:incr(id, 1, 0, 1) > RATE_PER_S then return refuse(429) end
    if not key.scopes[scope] then return refuse(500) end
    set_header("X-Account", key.account)
    set_header("X-Request-Id", var.request_id)
end

return gate
