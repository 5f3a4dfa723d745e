// Owning pointers for OpenSSL's objects, and OpenSSL's values as text.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace lineshaft::openssl {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
using Bio = std::unique_ptr<BIO, Release<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>>;
using Context = std::unique_ptr<SSL_CTX, Release<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Release<SSL_free>>;

// Initializes the library without its exit handler, because devices are closed after exit handlers run.
void initialize();
// The text of the oldest error in OpenSSL's queue of this thread. Clears the queue.
std::string take_error();
// The common name of the certificate's subject. Empty where it has none or more than one, or the name is not printable
// text of at most 64 bytes.
std::string common_name(const X509* certificate);
std::string date_of(const ASN1_TIME* time);  // "2026-11-21 10:00 UTC"

}  // namespace lineshaft::openssl
