// OpenSSL's objects with owners, and its values as text.
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

// Makes the library ready, without what it does at the process's end: devices are closed after that.
void initialize();
// The oldest error that waits, in OpenSSL's words, and no error any more.
std::string take_error();
// The one common name of the certificate's subject; empty where there is none, more than one, or it is not printable
// text of at most 64 bytes.
std::string common_name(const X509* certificate);
std::string date_of(const ASN1_TIME* time);  // "2026-11-21 10:00 UTC"

}  // namespace lineshaft::openssl
