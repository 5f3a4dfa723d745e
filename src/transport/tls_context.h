// What TLS is set up with: version 1.3, this side's certificate, and the one authority that both sides trust.
#pragma once

#include "transport/openssl.h"
#include "transport/tls_files.h"

namespace lineshaft {

// Throws Error(kInvalidArgument) naming the file where one is missing or is not what it should be, where key and
// certificate are no pair, or where everybody may read the key.
openssl::Context make_tls_context(TlsRole role, const TlsFiles& files);

// As above, and where the certificate has expired or is of another authority: for before a server listens.
void check_tls_files(TlsRole role, const TlsFiles& files);

// What is wrong with the certificate that `store` looks at.
std::string describe_verification(X509_STORE_CTX* store);
// Why a handshake fails where the other side's certificate is not to blame. `error` is OpenSSL's, `certificate` the
// path of our own.
std::string describe_handshake(unsigned long error, TlsRole role, const std::string& certificate);

}  // namespace lineshaft
