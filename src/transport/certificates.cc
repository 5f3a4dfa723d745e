#include "transport/certificates.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <algorithm>
#include <functional>

#include "lineshaft/base/error.h"
#include "transport/openssl.h"

namespace lineshaft {
namespace {

using WallClock = std::chrono::system_clock;

void require(bool done, const char* what) {
  if (!done) fail(ErrorCode::kInternal, "OpenSSL cannot ", what, ": ", openssl::take_error());
}

bool is_address(const std::string& host) {
  in6_addr ignored;
  return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 || ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

bool made_of(const std::string& text, std::string_view others) {
  return !text.empty() && std::ranges::all_of(text, [&](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

openssl::Key new_key() {
  openssl::initialize();
  ERR_clear_error();
  openssl::Key key(EVP_EC_gen("P-256"));
  require(key != nullptr, "make a key");
  return key;
}

void set_time(ASN1_TIME* time, WallClock::time_point point) {
  require(ASN1_TIME_adj(time, WallClock::to_time_t(point), 0, 0) != nullptr, "write a date");
}

openssl::Certificate new_certificate(EVP_PKEY* key, const std::string& name, const Validity& validity) {
  openssl::Certificate certificate(X509_new());
  require(certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1, "make a certificate");
  unsigned char serial[16];
  require(RAND_bytes(serial, sizeof serial) == 1, "make a random number");
  serial[0] &= 0x7f;
  std::unique_ptr<BIGNUM, openssl::Release<BN_free>> number(BN_bin2bn(serial, sizeof serial, nullptr));
  require(number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get())), "number a certificate");
  set_time(X509_getm_notBefore(certificate.get()), validity.from);
  set_time(X509_getm_notAfter(certificate.get()), validity.until);
  auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
  require(
      X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1 &&
          X509_set_pubkey(certificate.get(), key) == 1,
      "name a certificate");
  return certificate;
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  openssl::Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "extend a certificate");
}

std::string pem_of(const std::function<int(BIO*)>& write) {
  openssl::Bio memory(BIO_new(BIO_s_mem()));
  require(memory && write(memory.get()) == 1, "write PEM");
  char* text = nullptr;
  long size = BIO_get_mem_data(memory.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

Credential credential_of(X509* certificate, EVP_PKEY* key) {
  return {pem_of([&](BIO* out) { return PEM_write_bio_X509(out, certificate); }), pem_of([&](BIO* out) {
            return PEM_write_bio_PKCS8PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

openssl::Bio memory_of(const std::string& text) {
  return openssl::Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Credential sign(const Credential& authority, const std::string& name, const char* purpose, const std::string& hosts,
                const Validity& validity) {
  openssl::Key key = new_key();
  openssl::Certificate issuer(PEM_read_bio_X509(memory_of(authority.certificate).get(), nullptr, nullptr, nullptr));
  openssl::Key signer(PEM_read_bio_PrivateKey(memory_of(authority.key).get(), nullptr, nullptr, nullptr));
  LS_REQUIRE(issuer && signer && X509_check_private_key(issuer.get(), signer.get()) == 1,
             "the authority's certificate and key are no pair in PEM form: ", openssl::take_error());
  openssl::Certificate certificate = new_certificate(key.get(), name, validity);
  require(X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer.get())) == 1, "name an issuer");
  extend(certificate.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE");
  extend(certificate.get(), issuer.get(), NID_key_usage, "critical,digitalSignature");
  extend(certificate.get(), issuer.get(), NID_ext_key_usage, purpose);
  if (!hosts.empty()) extend(certificate.get(), issuer.get(), NID_subject_alt_name, hosts);
  extend(certificate.get(), issuer.get(), NID_subject_key_identifier, "hash");
  extend(certificate.get(), issuer.get(), NID_authority_key_identifier, "keyid:always");
  require(X509_sign(certificate.get(), signer.get(), EVP_sha256()) != 0, "sign a certificate");
  return credential_of(certificate.get(), key.get());
}

}  // namespace

Validity valid_for(int64_t days) {
  auto now = WallClock::now();
  return {now - std::chrono::hours(1), now + std::chrono::hours(24) * days};
}

Credential make_authority(const std::string& name, const Validity& validity) {
  openssl::Key key = new_key();
  openssl::Certificate certificate = new_certificate(key.get(), name, validity);
  require(X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get())) == 1, "name an issuer");
  extend(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  extend(certificate.get(), certificate.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  extend(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash");
  require(X509_sign(certificate.get(), key.get(), EVP_sha256()) != 0, "sign a certificate");
  return credential_of(certificate.get(), key.get());
}

Credential make_server_certificate(const Credential& authority, const std::vector<std::string>& hosts,
                                   const Validity& validity) {
  LS_REQUIRE(!hosts.empty(), "a server's certificate needs the host names and addresses by which guests reach it");
  std::string names;
  for (const std::string& host : hosts) {
    LS_REQUIRE(is_address(host) || (made_of(host, ".-") && host.size() < 254), "\"", host,
               "\" is neither a host name nor an address; without port and brackets, for example lab.example or ::1");
    names += concat(names.empty() ? "" : ",", is_address(host) ? "IP:" : "DNS:", host);
  }
  return sign(authority, hosts.front().substr(0, 64), "serverAuth", names, validity);
}

Credential make_guest_certificate(const Credential& authority, const std::string& name, const Validity& validity) {
  LS_REQUIRE(made_of(name, ".-_@") && name.size() <= 64 && name.front() != '.', "\"", name,
             "\" cannot name a guest; a name has 1 to 64 "
             "letters, digits, dots, dashes, underscores and at signs");
  return sign(authority, name, "clientAuth", "", validity);
}

}  // namespace lineshaft
