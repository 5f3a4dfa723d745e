#include "transport/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "lineshaft/base/error.h"
#include "transport/tls_context.h"

namespace lineshaft {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using Bytes = std::vector<std::byte>;
constexpr size_t kPiece = 256 * 1024;  // bytes that are encrypted, then sent by one call

// OpenSSL reads and writes memory: the socket's calls are made outside its lock, so that the thread that sends and the
// one that receives never wait for each other.
struct Records {
  Bytes arrived, leaving;
  size_t taken = 0;  // of `arrived`
};

const BIO_METHOD* records_method() {
  static const BIO_METHOD* method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "lineshaft records");
    BIO_meth_set_write_ex(made, [](BIO* bio, const char* data, size_t size, size_t* written) {
      auto* bytes = reinterpret_cast<const std::byte*>(data);
      auto& leaving = static_cast<Records*>(BIO_get_data(bio))->leaving;
      leaving.insert(leaving.end(), bytes, bytes + size);
      *written = size;
      return 1;
    });
    BIO_meth_set_read_ex(made, [](BIO* bio, char* data, size_t size, size_t* read) {
      auto& records = *static_cast<Records*>(BIO_get_data(bio));
      BIO_clear_retry_flags(bio);
      *read = std::min(size, records.arrived.size() - records.taken);
      if (*read == 0) {
        BIO_set_retry_read(bio);
        return 0;
      }
      std::memcpy(data, records.arrived.data() + records.taken, *read);
      records.taken += *read;
      return 1;
    });
    BIO_meth_set_ctrl(made, [](BIO*, int command, long, void*) -> long { return command == BIO_CTRL_FLUSH; });
    return made;
  }();
  return method;
}

class TlsConnection final : public Connection {
 public:
  TlsConnection(StreamSocket socket, TlsRole role, const TlsFiles& files)
      : socket_(std::move(socket)), role_(role), certificate_(files.certificate) {
    openssl::Context context = make_tls_context(role, files);
    ssl_.reset(SSL_new(context.get()));
    BIO* bio = ssl_ ? BIO_new(records_method()) : nullptr;
    if (!bio) fail(ErrorCode::kOutOfMemory, "a TLS connection cannot be made: ", openssl::take_error());
    BIO_set_data(bio, &records_);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_app_data(ssl_.get(), this);
    SSL_set_verify(ssl_.get(), SSL_get_verify_mode(ssl_.get()), remember_verification);
  }

  // The server's certificate has to name this host or address.
  void require_host(const std::string& host) {
    in6_addr ignored;
    bool address =
        ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 || ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
    X509_VERIFY_PARAM* rules = SSL_get0_param(ssl_.get());
    int done = address ? X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) : SSL_set1_host(ssl_.get(), host.c_str());
    if (done != 1) fail(ErrorCode::kInternal, "TLS cannot check the host ", host, ": ", openssl::take_error());
    if (!address) SSL_set_tlsext_host_name(ssl_.get(), host.c_str());
  }

  // `look` is called between the first bytes sent and the first received.
  void handshake(Deadline deadline, const std::function<void(StreamSocket&)>& look);
  // Takes the name of the guest from its certificate. False where it has none that can be used.
  bool identify();

  void send(std::span<const std::byte> bytes) override;
  size_t receive(std::span<std::byte> bytes, milliseconds timeout) override;
  std::string identity() const override { return identity_; }
  int watch_descriptor() const override { return socket_.descriptor().get(); }
  void close() noexcept override { socket_.close(); }

 private:
  static int remember_verification(int good, X509_STORE_CTX* store) {
    auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto& self = *static_cast<TlsConnection*>(SSL_get_app_data(ssl));
    if (!good && self.verification_.empty()) self.verification_ = describe_verification(store);
    return good;
  }
  size_t decrypt(std::span<std::byte> bytes);
  size_t fetch(milliseconds timeout);
  void send_records();

  StreamSocket socket_;
  TlsRole role_;
  std::string certificate_, identity_, verification_;
  std::mutex mutex_;  // guards the session and its records
  Records records_;
  openssl::Session ssl_;
  Bytes sending_;                    // the sender's
  Bytes receiving_ = Bytes(kPiece);  // the receiver's
};

void TlsConnection::handshake(Deadline deadline, const std::function<void(StreamSocket&)>& look) {
  for (bool first = true;; first = false) {
    ERR_clear_error();
    int done = role_ == TlsRole::kServer ? SSL_accept(ssl_.get()) : SSL_connect(ssl_.get());
    int state = SSL_get_error(ssl_.get(), done);
    unsigned long error = ERR_peek_error();
    try {
      send_records();
    } catch (const Error&) {  // what the other side has sent last says more
    }
    if (done == 1) return;
    if (!verification_.empty()) fail(ErrorCode::kProtocol, verification_);
    if (state != SSL_ERROR_WANT_READ) fail(ErrorCode::kProtocol, describe_handshake(error, role_, certificate_));
    if (first) look(socket_);
    milliseconds left = time_left(deadline);
    if (left == 0ms || fetch(left) == 0)
      fail(ErrorCode::kDeviceLost, "the other side does not finish the TLS handshake in time");
  }
}

bool TlsConnection::identify() {
  openssl::Certificate peer(SSL_get1_peer_certificate(ssl_.get()));
  std::string name = openssl::common_name(peer.get());
  identity_ = "cert:" + name;
  return !name.empty();
}

// Appends what the socket has to the records; 0 where nothing came in time.
size_t TlsConnection::fetch(milliseconds timeout) {
  size_t count = socket_.receive(receiving_, timeout);
  std::lock_guard lock(mutex_);
  auto& arrived = records_.arrived;
  arrived.erase(arrived.begin(), arrived.begin() + static_cast<ptrdiff_t>(std::exchange(records_.taken, 0)));
  arrived.insert(arrived.end(), receiving_.begin(), receiving_.begin() + static_cast<ptrdiff_t>(count));
  return count;
}

void TlsConnection::send_records() {
  {
    std::lock_guard lock(mutex_);
    sending_.clear();
    sending_.swap(records_.leaving);
  }
  socket_.send(sending_);
}

void TlsConnection::send(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    auto piece = bytes.first(std::min(bytes.size(), kPiece));
    {
      std::lock_guard lock(mutex_);
      ERR_clear_error();
      size_t written = 0;
      if (SSL_write_ex(ssl_.get(), piece.data(), piece.size(), &written) != 1)
        fail(ErrorCode::kDeviceLost, "the TLS connection is over: ", openssl::take_error());
    }
    send_records();
    bytes = bytes.subspan(piece.size());
  }
}

size_t TlsConnection::receive(std::span<std::byte> bytes, milliseconds timeout) {
  Deadline deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    if (size_t count = decrypt(bytes)) return count;
    if (fetch(timeout > 0ms ? time_left(deadline) : timeout) == 0) return 0;
  }
}

size_t TlsConnection::decrypt(std::span<std::byte> bytes) {
  std::lock_guard lock(mutex_);
  size_t count = 0;
  while (count < bytes.size()) {
    ERR_clear_error();
    size_t read = 0;
    if (SSL_read_ex(ssl_.get(), bytes.data() + count, bytes.size() - count, &read) == 1) {
      count += read;
      continue;
    }
    int state = SSL_get_error(ssl_.get(), 0);
    if (state == SSL_ERROR_WANT_READ || count > 0) break;  // an error stays for the next call
    if (state == SSL_ERROR_ZERO_RETURN) fail(ErrorCode::kDeviceLost, "the other side has closed the connection");
    fail(ErrorCode::kDeviceLost, describe_handshake(ERR_peek_error(), role_, certificate_));
  }
  return count;
}

void receive_by(Connection& connection, std::span<std::byte> bytes, Deadline deadline) {
  while (!bytes.empty()) {
    size_t count = connection.receive(bytes, time_left(deadline));
    if (count == 0 && time_left(deadline) == 0ms)
      fail(ErrorCode::kDeviceLost, "the other side does not finish the TLS handshake in time");
    bytes = bytes.subspan(count);
  }
}

// A server refuses before TLS begins where it has no certificates, or no room for another guest.
void require_tls(StreamSocket& socket, const std::string& server, Deadline deadline) {
  FirstByte first = first_byte(socket.descriptor(), deadline);
  if (first == FirstByte::kPlain)
    expect_greeting(
        [&](std::span<std::byte> bytes) {
          if (!socket.receive_all(bytes, deadline)) fail(ErrorCode::kDeviceLost, "it closes the connection");
        },
        server);
  if (first == FirstByte::kNone) fail(ErrorCode::kDeviceLost, "it closes the connection or is silent");
  if (first != FirstByte::kTls) fail(ErrorCode::kProtocol, "what listens there is no Lineshaft server with TLS");
}

}  // namespace

std::unique_ptr<Connection> connect_tls(StreamSocket socket, const TlsFiles& files, const std::string& host,
                                        const std::string& server, Deadline deadline) {
  auto connection = std::make_unique<TlsConnection>(std::move(socket), TlsRole::kGuest, files);
  connection->require_host(host);
  try {
    connection->handshake(deadline, [&](StreamSocket& plain) { require_tls(plain, server, deadline); });
    expect_greeting([&](std::span<std::byte> bytes) { receive_by(*connection, bytes, deadline); }, server);
  } catch (const Error& error) {
    fail(ErrorCode::kDeviceLost, "there is no TLS connection to the server at ", server, ": ", error.what());
  }
  return connection;
}

std::unique_ptr<Connection> adopt_tls(StreamSocket socket, const TlsFiles& files, Deadline deadline) {
  FirstByte first = first_byte(socket.descriptor(), deadline);
  if (first == FirstByte::kPlain) {
    refuse_stream(socket.descriptor(),
                  "it takes guests with certificates only; `lineshaft cert guest NAME` on the server makes a folder to "
                  "copy here, LINESHAFT_TLS=FOLDER names it");
    fail(ErrorCode::kProtocol, "the guest speaks without TLS and this server takes guests with certificates only");
  }
  if (first == FirstByte::kNone)
    fail(ErrorCode::kDeviceLost, "the guest leaves or is silent before the connection begins");
  if (first != FirstByte::kTls) fail(ErrorCode::kProtocol, "what connects is no Lineshaft guest");
  auto connection = std::make_unique<TlsConnection>(std::move(socket), TlsRole::kServer, files);
  connection->handshake(deadline, [](StreamSocket&) {});
  std::string_view refusal;
  if (!connection->identify())
    refusal = "the guest's certificate has no common name, or one that is not up to 64 letters and digits";
  StreamGreeting greeting{.refusal = static_cast<uint32_t>(refusal.size())};
  connection->send(std::as_bytes(std::span(&greeting, 1)));
  connection->send(std::as_bytes(std::span(refusal)));
  if (!refusal.empty()) fail(ErrorCode::kProtocol, refusal);
  return connection;
}

}  // namespace lineshaft
