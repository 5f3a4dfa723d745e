// Who is let in over TCP, and what each side says where somebody is not.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <future>

#include "lineshaft/base/error.h"
#include "server/transport_pair.h"
#include "support/expected_error.h"
#include "transport/tcp_address.h"

namespace lineshaft::tests {
namespace {

using namespace std::chrono_literals;

struct Outcome {
  std::string guest, server;  // each side's error; empty where it has none
  std::string identity;
};

class Tls : public testing::Test {
 protected:
  std::string server_folder(const std::string& name, const Credential& authority, const Credential& own) {
    return write_tls_folder(folder_, name, TlsRole::kServer, authority, own);
  }
  std::string guest_folder(const std::string& name, const Credential& authority, const Credential& own) {
    return write_tls_folder(folder_, name, TlsRole::kGuest, authority, own);
  }
  Credential server_for(const std::vector<std::string>& hosts) {
    return make_server_certificate(authority_, hosts, valid_for(1));
  }
  Credential guest_named(const std::string& name) { return make_guest_certificate(authority_, name, valid_for(1)); }

  // `address` has the port 0.
  std::unique_ptr<Listener> listen(const std::string& address, const ListenOptions& options) {
    Endpoint endpoint = parse_endpoint(address);
    return endpoint.transport->listen(endpoint.address, options);
  }

  // Connects by 127.0.0.1 with the guest's folder (or "off").
  Outcome meet(const ListenOptions& options, const std::string& guest) {
    ScopedVariable variable("LINESHAFT_TLS", guest.c_str());
    auto listener = listen("tcp://127.0.0.1:0", options);
    Endpoint to = parse_endpoint(listener->address());
    Outcome outcome;
    auto connecting = std::async(std::launch::async, [&] {
      try {
        return to.transport->connect(to.address);
      } catch (const Error& error) {
        outcome.guest = error.what();
        return std::unique_ptr<Connection>();
      }
    });
    try {
      auto server = admit(*listener, *to.transport, adopt_options(options));
      outcome.identity = server->identity();
      connecting.wait();
    } catch (const Error& error) {
      outcome.server = error.what();
    }
    connecting.wait();
    return outcome;
  }

  static void expect_says(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << "\"" << text << "\" does not say \"" << part << "\"";
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  }

  TemporaryFolder folder_;
  Credential authority_ = make_authority("tests", valid_for(1));
  Credential other_ = make_authority("tests", valid_for(1));  // of the same name
  Credential expired_ = make_guest_certificate(
      authority_, "alice", {std::chrono::system_clock::now() - 48h, std::chrono::system_clock::now() - 24h});
  ListenOptions good_ = tls_options(server_folder("server", authority_, server_for({"127.0.0.1", "localhost"})));
};

TEST_F(Tls, TheGuestIsKnownByItsCertificatesName) {
  Outcome outcome = meet(good_, guest_folder("guest", authority_, guest_named("alice@lab-7")));
  EXPECT_EQ(outcome.guest + outcome.server, "");
  EXPECT_EQ(outcome.identity, "cert:alice@lab-7");
}

TEST_F(Tls, ASecondAuthorityOfTheSameNameIsNotTheFirst) {
  auto stranger = make_guest_certificate(other_, "alice", valid_for(1));
  Outcome outcome = meet(good_, guest_folder("guest", authority_, stranger));
  expect_says(outcome.server, "the certificate \"alice\" is signed by another authority");
  expect_says(outcome.guest, "another authority than its own has signed it");
}

TEST_F(Tls, AServerOfAnotherAuthorityIsNotTrusted) {
  Outcome outcome = meet(good_, guest_folder("guest", other_, make_guest_certificate(other_, "alice", valid_for(1))));
  expect_says(outcome.guest, "the certificate \"127.0.0.1\" is signed by another authority");
  expect_says(outcome.server, "the guest does not accept");
}

TEST_F(Tls, AnExpiredGuestIsRefusedWithItsDate) {
  Outcome outcome = meet(good_, guest_folder("guest", authority_, expired_));
  expect_says(outcome.server, "the certificate \"alice\" has expired on 20");
  expect_says(outcome.guest, "it has expired");
}

TEST_F(Tls, AServerIsNotTrustedUnderAnotherName) {
  auto options = tls_options(server_folder("elsewhere", authority_, server_for({"lab.example", "10.1.2.3"})));
  Outcome outcome = meet(options, guest_folder("guest", authority_, guest_named("alice")));
  expect_says(outcome.guest, "does not name the host that is connected to");
  expect_says(outcome.server, "does not name the host that the guest asked for");
}

TEST_F(Tls, AGuestsCertificateDoesNotMakeAServer) {
  std::string folder = server_folder("posing", authority_, guest_named("127.0.0.1"));
  EXPECT_THROW(listen("tcp://127.0.0.1:0", tls_options(folder)), Error);
}

TEST_F(Tls, AServersCertificateDoesNotMakeAGuest) {
  Outcome outcome = meet(good_, guest_folder("guest", authority_, server_for({"127.0.0.1"})));
  expect_says(outcome.server, "is made for the other side");
  expect_says(outcome.guest, "it is not made for a guest");
}

TEST_F(Tls, AGuestWithoutCertificatesIsToldThatItNeedsThem) {
  Outcome outcome = meet(good_, "off");
  expect_says(outcome.server, "without TLS");
  expect_says(outcome.guest, "guests with certificates only");
}

TEST_F(Tls, AServerWithoutCertificatesSaysSo) {
  Outcome outcome = meet({}, guest_folder("guest", authority_, guest_named("alice")));
  expect_says(outcome.server, "no certificates");
  expect_says(outcome.guest, "LINESHAFT_TLS=off");
}

TEST_F(Tls, AServerDoesNotBeginWithAnExpiredCertificate) {
  auto old = make_server_certificate(authority_, {"127.0.0.1"},
                                     {std::chrono::system_clock::now() - 48h, std::chrono::system_clock::now() - 24h});
  auto begin = [&] { listen("tcp://127.0.0.1:0", tls_options(server_folder("old", authority_, old))); };
  expect_says(error_of(begin), "has expired on 20");
}

TEST_F(Tls, AKeyThatEverybodyMayReadIsRefused) {
  std::filesystem::permissions(good_.key, std::filesystem::perms(0644));
  expect_says(error_of([&] { listen("tcp://127.0.0.1:0", good_); }), "chmod 600");
}

TEST_F(Tls, WithoutCertificatesOnlyThisMachineIsListenedToAndConnectedTo) {
  EXPECT_THROW(listen("tcp://0.0.0.0:0", {}), Error);
  EXPECT_NO_THROW(listen("tcp://0.0.0.0:0", good_));
  EXPECT_NO_THROW(listen("tcp://127.0.0.1:0", {}));
  ScopedVariable off("LINESHAFT_TLS", "off");
  Endpoint elsewhere = parse_endpoint("tcp://192.0.2.1:7461");
  auto connect = [&] { elsewhere.transport->connect(elsewhere.address); };
  expect_says(error_of(connect), "without certificates nothing is sent there");
}

// A connection whose own address is another of this machine's stands in for one from elsewhere.
TEST_F(Tls, APlainGuestFromElsewhereIsRefused) {
  int probe = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in outside{.sin_family = AF_INET, .sin_port = htons(9)};
  ::inet_pton(AF_INET, "192.0.2.1", &outside.sin_addr);
  bool routed = ::connect(probe, reinterpret_cast<sockaddr*>(&outside), sizeof outside) == 0;
  SocketAddress own = local_address(Descriptor(probe));
  if (!routed || own.loopback()) GTEST_SKIP() << "this machine has no address but loopback";
  auto listener = listen("tcp://127.0.0.1:0", {});
  reinterpret_cast<sockaddr_in*>(&own.storage)->sin_port = 0;
  Descriptor guest(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  SocketAddress to = resolve(parse_host_port(listener->address().substr(6)), false).front();
  ASSERT_EQ(::bind(guest.get(), own.get(), own.size), 0);
  ASSERT_EQ(::connect(guest.get(), to.get(), to.size), 0);
  auto arrival = listener->accept();
  ASSERT_TRUE(arrival);
  expect_says(arrival->refusal, "without TLS");
  std::string reason = arrival->refusal;
  listener->refuse(std::move(*arrival), reason);
  auto connect = [&] {
    connect_plain(StreamSocket(std::move(guest)), "tcp://127.0.0.1", std::chrono::steady_clock::now() + 5s);
  };
  expect_says(error_of(connect), "its own machine only");
}

// What adopting throws for a peer that sends `bytes` and nothing more.
std::string adopted(Listener& listener, const AdoptOptions& options, std::string_view bytes) {
  HostPort name = parse_host_port(listener.address().substr(6));
  auto now = std::chrono::steady_clock::now();
  StreamSocket peer(connect_tcp(resolve(name, false), "", now + 5s));
  peer.send(std::as_bytes(std::span(bytes)));
  return error_of([&] { admit(listener, *parse_endpoint("tcp://x").transport, options); });
}

TEST_F(Tls, AStrangerIsSentAwayInTime) {
  AdoptOptions options = adopt_options(good_);
  options.handshake = 200ms;
  auto secure = listen("tcp://127.0.0.1:0", good_), plain = listen("tcp://127.0.0.1:0", {});
  auto start = std::chrono::steady_clock::now();
  expect_says(adopted(*secure, options, ""), "is silent");
  expect_says(adopted(*secure, options, "GET / HTTP/1.1\r\n\r\n"), "no Lineshaft guest");
  expect_says(adopted(*secure, options, "\x16\x03\x01"), "in time");
  expect_says(adopted(*secure, options, std::string("\x16\x03\x01\x00\x05hello", 10)), "TLS handshake fails");
  options = {.handshake = 200ms};
  expect_says(adopted(*plain, options, ""), "is silent");
  expect_says(adopted(*plain, options, "GET / HTTP/1.1\r\n\r\n"), "no Lineshaft guest");
  expect_says(adopted(*plain, options, "LSS"), "no Lineshaft guest");
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
}

TEST_F(Tls, NamesAreChecked) {
  EXPECT_THROW(guest_named("alice, bob"), Error);
  EXPECT_THROW(guest_named(""), Error);
  EXPECT_THROW(guest_named(std::string(65, 'a')), Error);
  EXPECT_THROW(server_for({}), Error);
  EXPECT_THROW(server_for({"a,DNS:b"}), Error);
  EXPECT_NO_THROW(server_for({"::1", "lab.example"}));
  for (const char* text : {"localhost", "localhost:", ":1", "host:70000", "::1:80", "host:8o"})
    EXPECT_THROW(parse_host_port(text), Error) << text;
  EXPECT_EQ(parse_host_port("[::1]:80").host, "::1");
}

}  // namespace
}  // namespace lineshaft::tests
