// A real OpenID provider (oidc-provider) on the loopback, for test_single_sign_on.py.
// node provider.mjs PORT REDIRECT_URI; whatever is typed as login is the account.
import Provider from 'oidc-provider'

const [port, redirectUri] = process.argv.slice(2)
const issuer = `http://127.0.0.1:${port}`
const provider = new Provider(issuer, {
  clients: [{
    client_id: 'county',
    client_secret: 'a secret of the county and its provider',
    redirect_uris: [redirectUri],
    response_types: ['code'],
    grant_types: ['authorization_code'],
  }],
  claims: { openid: ['sub'], profile: ['preferred_username'] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: async () => ({ sub: `person-of-${id}`.slice(0, 60), preferred_username: id }),
  }),
  cookies: { keys: ['only for tests'] },
  pkce: { required: () => true },
})
const server = provider.listen(Number(port), '127.0.0.1', () => console.log('listening'))
process.on('SIGTERM', () => server.close(() => process.exit(0)))
