// What a phone makes of the options that shape its sockets and its first words: seen from the far end, and in
// the sockets themselves.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <regex>
#include <set>

#include "engine/phone_engine.h"
#include "engine/phone_settings.h"
#include "engine/steady_time.h"
#include "ports/free_port.h"

namespace sidetone::engine {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::uint16_t port_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

// Takes what comes to it, and never answers.
class FarEnd {
 public:
  explicit FarEnd(int type) : socket_(::socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    const auto any = loopback(0);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any), 0);
    if (type == SOCK_STREAM) EXPECT_EQ(::listen(socket_.get(), 4), 0);
  }
  [[nodiscard]] std::string address() const { return fmt::format("127.0.0.1:{}", port_of(socket_.get())); }
  [[nodiscard]] std::string take_message() const {
    std::string bytes(65536, '\0');
    const auto count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return bytes;
  }
  // From which port somebody has connected.
  [[nodiscard]] std::uint16_t take_caller() const {
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const Descriptor accepted(::accept(socket_.get(), reinterpret_cast<sockaddr*>(&from), &size));
    return accepted.get() < 0 ? 0 : ntohs(from.sin_port);
  }

 private:
  Descriptor socket_;
};

template <typename Fact>
std::multiset<int> of_udp_sockets(Fact fact) {
  std::multiset<int> facts;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename().string());
    int type = 0;
    socklen_t size = sizeof type;
    if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM)
      facts.insert(fact(fd));
  }
  return facts;
}

int dscp_of(int fd) {
  int tos = 0;
  socklen_t size = sizeof tos;
  ::getsockopt(fd, IPPROTO_IP, IP_TOS, &tos, &size);
  return tos >> 2;
}

class Phone {
 public:
  Phone(const std::string& server, std::vector<OptionValue> options)
      : engine_(io_, settings(server, std::move(options)), clock_, random_, log_,
                [this](Event event) { events.push_back(std::move(event)); }) {
    const auto started = engine_.start();
    EXPECT_TRUE(started) << describe(started.error());
  }
  PhoneEngine* operator->() { return &engine_; }
  void dial() { engine_.post(Dial{.target = "7002"}); }
  // Waits for something that comes by itself.
  template <typename Found>
  Found run_until(const std::function<Found()>& look,
                  std::chrono::milliseconds patience = std::chrono::seconds(20)) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < deadline) {
      if (auto found = look(); found != Found{}) return found;
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(5));
    }
    return {};
  }
  std::string first_message(const FarEnd& far) {
    return run_until<std::string>([&] { return far.take_message(); });
  }

  std::vector<Event> events;

 private:
  static PhoneSettings settings(const std::string& server, std::vector<OptionValue> options) {
    EndpointSettings given;
    given.options = {{"user:0", "7001"}, {"server:0", server}, {"proxies.proxy0.reg_timeout", "0"}};
    const auto port = test::free_port(61);
    if (std::none_of(options.begin(), options.end(),
                     [](const auto& option) { return option.path == "policy.endpoint.sip_port_min"; })) {
      given.options.push_back({"policy.endpoint.sip_port_min", std::to_string(port)});
      given.options.push_back({"policy.endpoint.sip_port_max", std::to_string(port + 60)});
    }
    given.options.insert(given.options.end(), options.begin(), options.end());
    given.dns_servers = {"127.0.0.1:9"};  // nobody
    given.audio.kind = AudioSettings::Kind::none;
    auto configured = read_configured(given, true);
    if (!configured) throw std::runtime_error(describe(configured.error()));
    return std::move(configured->settings);
  }

  boost::asio::io_context io_{1};
  SteadyTime clock_;
  SeededRandom random_{7};
  NullSink log_;
  PhoneEngine engine_;
};

const std::string endpoint = "policy.endpoint.";

TEST(PhoneStart, SocketsHaveTheirDscp) {
  const FarEnd far(SOCK_DGRAM);
  Phone phone(far.address(), {{endpoint + "audio_qos", "46"}, {endpoint + "signaling_qos", "24"}});
  EXPECT_EQ(of_udp_sockets(dscp_of).count(24), 1U);
  EXPECT_EQ(of_udp_sockets(dscp_of).count(46), 0U);
  phone.dial();
  EXPECT_THAT(phone.first_message(far), HasSubstr("INVITE sip:7002@"));
  EXPECT_EQ(of_udp_sockets(dscp_of).count(46), 2U) << "RTP and RTCP";
}

TEST(PhoneStart, SaysWhatItIs) {
  const FarEnd far(SOCK_DGRAM);
  Phone whole(far.address(), {});
  whole.dial();
  EXPECT_THAT(whole.first_message(far), HasSubstr("User-Agent: Sidetone/"));
  const FarEnd other(SOCK_DGRAM);
  Phone reserved(other.address(), {{endpoint + "include_sdk_version_in_user_agent_header", "0"},
                                   {endpoint + "include_os_version_in_user_agent_header", "0"}});
  reserved.dial();
  EXPECT_THAT(reserved.first_message(other), HasSubstr("User-Agent: Sidetone\r\n"));
}

TEST(PhoneStart, ContactHasThePublicAddress) {
  const FarEnd far(SOCK_DGRAM);
  Phone phone(far.address(), {{endpoint + "public_address", "desk.example.com"}});
  phone.dial();
  EXPECT_THAT(phone.first_message(far), HasSubstr("Contact: <sip:7001@desk.example.com:"));
}

TEST(PhoneStart, IpVersionsChooseTheOwnAddress) {
  Phone four("sip.example.com", {{endpoint + "ip_versions", "IPv4"}});
  EXPECT_TRUE(four->local_address(0).ip.is_v4());
  const auto facts = net::read_network_facts().addresses();
  if (std::all_of(facts.begin(), facts.end(),
                  [](const auto& ip) { return ip.is_v4() || ip.is_link_local(); }))
    GTEST_SKIP() << "this machine has no IPv6";
  Phone six("sip.example.com", {{endpoint + "ip_versions", "IPv6"}});
  EXPECT_FALSE(six->local_address(0).ip.is_v4());
}

TEST(PhoneStart, SipPortsAreOfTheRange) {
  const FarEnd far(SOCK_DGRAM);
  const auto first = test::free_port(2);
  const std::vector<OptionValue> range{{endpoint + "sip_port_min", std::to_string(first)},
                                       {endpoint + "sip_port_max", std::to_string(first + 1)},
                                       {endpoint + "public_address", "127.0.0.1"}};
  Phone one(far.address(), range);
  EXPECT_EQ(one->local_address(0).port, first);
  Phone two(far.address(), range);
  EXPECT_EQ(two->local_address(0).port, first + 1);
}

TEST(PhoneStart, ListensOnOneAddressOrOnAll) {
  const FarEnd far(SOCK_DGRAM);
  const auto listens_on_all = [](std::uint16_t port) {
    return of_udp_sockets([port](int fd) {
             sockaddr_in address{};
             socklen_t size = sizeof address;
             ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
             return ntohs(address.sin_port) == port && address.sin_addr.s_addr == INADDR_ANY ? 1 : 0;
           }).count(1) == 1;
  };
  Phone all(far.address(), {{endpoint + "sip_port_binding", "0"}});
  EXPECT_TRUE(listens_on_all(all->local_address(0).port));
  Phone one(far.address(), {{endpoint + "sip_port_binding", "1"}});
  EXPECT_FALSE(listens_on_all(one->local_address(0).port));
}

TEST(PhoneStart, ConnectionsComeFromTheirRange) {
  const FarEnd far(SOCK_STREAM);
  const auto first = test::free_port(21);
  Phone phone(far.address(), {{"protocol:0", "tcp"},
                              {endpoint + "tcp_port_min", std::to_string(first)},
                              {endpoint + "tcp_port_max", std::to_string(first + 20)}});
  phone.dial();
  const auto from = phone.run_until<std::uint16_t>([&] { return far.take_caller(); });
  EXPECT_THAT(from, AllOf(Ge(first), Le(first + 20)));
}

TEST(PhoneStart, MediaPortsAreOfTheRange) {
  const FarEnd far(SOCK_DGRAM);
  const auto first = test::free_port(8);
  Phone phone(far.address(), {{endpoint + "rtp_port_min", std::to_string(first)},
                              {endpoint + "rtp_port_max", std::to_string(first + 7)}});
  phone.dial();
  const auto invite = phone.first_message(far);
  std::smatch media;
  ASSERT_TRUE(std::regex_search(invite, media, std::regex("m=audio ([0-9]+) "))) << invite;
  EXPECT_THAT(std::stoi(media[1]), AllOf(Ge(first), Le(first + 6)));
}

TEST(PhoneStart, GivesUpAfterSipTransactionTimeout) {
  const FarEnd far(SOCK_DGRAM);
  Phone phone(far.address(), {{endpoint + "sip_transaction_timeout", "300"}});
  phone.dial();
  const auto ended = phone.run_until<bool>(
      [&] {
        return std::any_of(phone.events.begin(), phone.events.end(),
                           [](const auto& event) { return std::holds_alternative<CallEnded>(event); });
      },
      std::chrono::seconds(3));
  EXPECT_TRUE(ended) << "RFC 3261 would wait for 32 s";
}

}  // namespace
}  // namespace sidetone::engine
