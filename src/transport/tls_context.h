// The settings of TLS: version 1.3, this side's certificate, and the one authority that both sides trust.
#pragma once

#include "transport/openssl.h"
#include "transport/tls_files.h"

namespace lineshaft {

// Throws Error(kInvalidArgument), naming the file, where a file is missing or has wrong contents, where the key does
// not belong to the certificate, or where everybody may read the key.
openssl::Context make_tls_context(TlsRole role, const TlsFiles& files);

// Throws as make_tls_context does, and where the certificate has expired or is of another authority. A server calls it
// before it listens.
void check_tls_files(TlsRole role, const TlsFiles& files);

// The text that says what is wrong with the certificate that `store` verifies.
std::string describe_verification(X509_STORE_CTX* store);
// The text that says why a handshake failed for a reason other than the peer's certificate. `error` is OpenSSL's error
// code, `certificate` the path of this side's certificate.
std::string describe_handshake(unsigned long error, TlsRole role, const std::string& certificate);

}  // namespace lineshaft
