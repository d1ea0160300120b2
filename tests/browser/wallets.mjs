/* A stock client with the key of its environment: prints how many wallets there are. */
import bitfinex from 'bfx-api-node-rest';

const { API_KEY: apiKey, API_SECRET: apiSecret, REST: url } = process.env;
const wallets = await new bitfinex.RESTv2({ apiKey, apiSecret, url, transform: true }).wallets();
console.log(wallets.length);
