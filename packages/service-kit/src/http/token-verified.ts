/** Says to the gateway that the token of a request is good. The gateway takes it off the answer. */
export const tokenVerifiedHeader = 'x-token-verified'
