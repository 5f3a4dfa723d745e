#include "transport/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include "lineshaft/base/error.h"

namespace lineshaft {
namespace {

using openssl::take_error;

openssl::Certificate read_certificate(const std::string& path) {
  openssl::Bio file(BIO_new_file(path.c_str(), "r"));
  openssl::Certificate certificate(file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr);
  LS_REQUIRE(certificate, path, " is no certificate in PEM form that can be read: ", take_error());
  return certificate;
}

void require_private(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return;  // reading it says why
  LS_REQUIRE((status.st_mode & 07) == 0, path, " is a private key that everybody on this machine may open; chmod 600 ",
             path);
}

std::string remake(TlsRole role) {
  return role == TlsRole::kServer ? "`lineshaft cert server HOST --force` makes a new one"
                                  : "`lineshaft cert guest NAME --force` on the server makes a new one";
}

constexpr int kAlertOffset = 1000;  // OpenSSL's reason of an alert that the other side sends is its number and this

std::string describe_alert(int alert, TlsRole role, const std::string& certificate) {
  bool server = role == TlsRole::kServer;
  std::string refusal = concat(server ? "the guest" : "the server", " does not accept ", certificate, ": ");
  switch (alert) {
    case SSL_AD_CERTIFICATE_EXPIRED:
      return refusal + "it has expired; " + remake(role);
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_DECRYPT_ERROR:
      return refusal + "another authority than its own has signed it";
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
      return refusal + "it is not made for a " + (server ? "server" : "guest");
    case SSL_AD_BAD_CERTIFICATE:
      return refusal + (server ? "it does not name the host that the guest asked for, or is not valid yet"
                               : "it is not valid yet; compare the clocks");
    default:
      return concat(server ? "the guest" : "the server",
                    " ends the TLS handshake: ", SSL_alert_desc_string_long(alert));
  }
}

}  // namespace

openssl::Context make_tls_context(TlsRole role, const TlsFiles& files) {
  openssl::initialize();
  ERR_clear_error();
  openssl::Context context(SSL_CTX_new(role == TlsRole::kServer ? TLS_server_method() : TLS_client_method()));
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) != 1)
    fail(ErrorCode::kInternal, "OpenSSL has no TLS 1.3: ", take_error());
  SSL_CTX_set_default_passwd_cb(context.get(), [](char*, int, int, void*) { return 0; });  // nobody is there to ask
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  require_private(files.key);
  read_certificate(files.certificate);
  LS_REQUIRE(SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) == 1, files.certificate,
             " is not accepted as a certificate: ", take_error());
  LS_REQUIRE(SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) == 1, files.key,
             " is no private key without a password that belongs to ", files.certificate, ": ", take_error());
  LS_REQUIRE(SSL_CTX_load_verify_file(context.get(), files.authority.c_str()) == 1, files.authority,
             " is no certificate in PEM form that can be read: ", take_error());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return context;
}

void check_tls_files(TlsRole role, const TlsFiles& files) {
  openssl::Context context = make_tls_context(role, files);
  openssl::Certificate own = read_certificate(files.certificate);
  std::unique_ptr<X509_STORE_CTX, openssl::Release<X509_STORE_CTX_free>> store(X509_STORE_CTX_new());
  if (!store || X509_STORE_CTX_init(store.get(), SSL_CTX_get_cert_store(context.get()), own.get(), nullptr) != 1)
    fail(ErrorCode::kInternal, "OpenSSL cannot check a certificate: ", take_error());
  X509_STORE_CTX_set_default(store.get(), role == TlsRole::kServer ? "ssl_server" : "ssl_client");
  LS_REQUIRE(X509_verify_cert(store.get()) == 1, files.certificate,
             " cannot be used: ", describe_verification(store.get()), "; ", remake(role));
}

std::string describe_verification(X509_STORE_CTX* store) {
  int error = X509_STORE_CTX_get_error(store);
  const X509* certificate = X509_STORE_CTX_get_current_cert(store);
  std::string name = concat("the certificate \"", openssl::common_name(certificate), "\" ");
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return concat(name, "has expired on ", openssl::date_of(X509_get0_notAfter(certificate)));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return concat(name, "is valid from ", openssl::date_of(X509_get0_notBefore(certificate)),
                    " only; compare the clocks");
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return name + "does not name the host that is connected to; `lineshaft cert server HOST... --force` takes all";
    case X509_V_ERR_INVALID_PURPOSE:
      return name + "is made for the other side";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return concat("the certificate \"", openssl::common_name(X509_STORE_CTX_get0_cert(store)),
                    "\" is signed by another authority");
    default:
      return concat(name, "is not accepted: ", X509_verify_cert_error_string(error));
  }
}

std::string describe_handshake(unsigned long error, TlsRole role, const std::string& certificate) {
  bool server = role == TlsRole::kServer;
  int reason = ERR_GET_REASON(error);
  if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) return "the guest shows no certificate";
  if (reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION)
    return concat(server ? "the guest" : "the server", " has no TLS 1.3");
  if (reason >= kAlertOffset && reason < kAlertOffset + 256)
    return describe_alert(reason - kAlertOffset, role, certificate);
  const char* text = ERR_reason_error_string(error);
  return concat("the TLS handshake fails: ", text ? text : "unknown error");
}

}  // namespace lineshaft
