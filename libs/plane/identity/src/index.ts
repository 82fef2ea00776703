// The front door of @larder/plane-identity: who is asking, and may they.
export { decideAccess, actorOf, actorNameOf, type Access, type Viewer } from './access';
export { adminEmail, ensureFirstAdministrator, type FirstSignIn } from './first-administrator';
export { checkPassword, hashPassword, verifyPassword } from './passwords';
export { drawPassword, drawSecret, hashSecret, tokenPrefix, shownPrefixOf } from './secrets';
export { identityOn, sessionMsMax, type Identity, type SignedIn } from './identity';
export { signerOf, type Signer } from './signer';
