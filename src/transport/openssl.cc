#include "transport/openssl.h"

#include <openssl/err.h>

#include <algorithm>
#include <ctime>

namespace lineshaft::openssl {

void initialize() {
  OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, nullptr);
}

std::string take_error() {
  unsigned long error = ERR_peek_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(error);
  return reason ? reason : "unknown error";
}

std::string common_name(const X509* certificate) {
  X509_NAME* subject = certificate ? X509_get_subject_name(certificate) : nullptr;
  int at = subject ? X509_NAME_get_index_by_NID(subject, NID_commonName, -1) : -1;
  if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0) return {};
  unsigned char* bytes = nullptr;
  int size = ASN1_STRING_to_UTF8(&bytes, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (size < 0) return {};
  std::string name(reinterpret_cast<char*>(bytes), static_cast<size_t>(size));
  OPENSSL_free(bytes);
  bool good = name.size() <= 64 && std::ranges::all_of(name, [](unsigned char c) { return c > 32 && c < 127; });
  return good ? name : std::string();
}

std::string date_of(const ASN1_TIME* time) {
  std::tm parts{};
  char text[32] = "an unknown date";
  if (time && ASN1_TIME_to_tm(time, &parts) == 1) std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts);
  return text;
}

}  // namespace lineshaft::openssl
