/** A self-signed pair for pair.test, for tests only: it guards nothing. Valid for a hundred years. */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBlDCCATugAwIBAgIUKIrjXlqg+1WbPmP9S409kDNjbUIwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJcGFpci50ZXN0MCAXDTI2MTEyMzIwNDUyMVoYDzIxMjYxMDMw
MjA0NTIxWjAUMRIwEAYDVQQDDAlwYWlyLnRlc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQ79KfWwTWa+3nHQccJbEeTKsdNdw6PQ9Zf5FRLCdMEP5PWVBsWvxjX
/IePv7jqP0viIUCE9HL3pu3Upymg+jHUo2kwZzAdBgNVHQ4EFgQUkKGbHTbWvxav
qmujHOuQXkJhCIkwHwYDVR0jBBgwFoAUkKGbHTbWvxavqmujHOuQXkJhCIkwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglwYWlyLnRlc3QwCgYIKoZIzj0EAwID
RwAwRAIgadTNyuy2vOU3nsVJhxc8QQCOF8oGmIGnbGNnq3hRBwICIGOeLpJFKUuS
aaRsRVVpX+1IT3wK97fjLUuavLPREhOv
-----END CERTIFICATE-----`;

/** The key of `certificate`. */
export const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgcKswYRhgkvDhBl+D
dd8ARtFjdpHPqA6WStmznVuAjm6hRANCAAQ79KfWwTWa+3nHQccJbEeTKsdNdw6P
Q9Zf5FRLCdMEP5PWVBsWvxjX/IePv7jqP0viIUCE9HL3pu3Upymg+jHU
-----END PRIVATE KEY-----`;
