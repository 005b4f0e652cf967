// What a phone tells its servers and its far ends of the machine's interfaces: at the start, after another
// configuration, and when addresses change. The interfaces are the test's, the sockets are real.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <regex>
#include <stdexcept>

#include "engine/phone_engine.h"
#include "engine/phone_settings.h"
#include "engine/steady_time.h"

namespace sidetone::engine {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string line_of(const std::string& message, const std::string& header) {
  std::smatch found;
  return std::regex_search(message, found, std::regex("\r\n(" + header + ": [^\r]*)")) ? found.str(1) : "";
}

// A server that says yes to everything, and a far end that takes every call.
class Server {
 public:
  Server() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    socklen_t size = sizeof address;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    address_ = fmt::format("127.0.0.1:{}", ntohs(address.sin_port));
  }
  ~Server() { ::close(socket_); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] const std::string& address() const { return address_; }
  // Requests of that method, each once, with the address that they came from.
  struct Request {
    std::string from, text;
  };
  [[nodiscard]] std::vector<Request> requests(const std::string& method) const {
    std::vector<Request> found;
    for (const auto& each : requests_)
      if (each.text.starts_with(method + " ")) found.push_back(each);
    return found;
  }

  void answer_all() {
    std::string bytes(65536, '\0');
    sockaddr_in from{};
    socklen_t size = sizeof from;
    for (;;) {
      const auto count =
          ::recvfrom(socket_, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (count <= 0) return;
      take(bytes.substr(0, static_cast<std::size_t>(count)), from);
    }
  }

 private:
  void take(const std::string& request, const sockaddr_in& from) {
    if (request.starts_with("SIP/2.0")) return;
    std::array<char, INET_ADDRSTRLEN> ip{};
    ::inet_ntop(AF_INET, &from.sin_addr, ip.data(), ip.size());
    const bool again = std::any_of(requests_.begin(), requests_.end(),
                                   [&](const auto& each) { return each.text == request; });
    if (!again) requests_.push_back({ip.data(), request});
    if (request.starts_with("ACK ")) return;
    const bool invite = request.starts_with("INVITE ");
    const auto to = line_of(request, "To");
    const std::string sdp =
        invite ? fmt::format(
                     "v=0\r\no=- 1 {} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                     "m=audio 9 RTP/AVP 0\r\n",
                     requests_.size())
               : "";
    const auto contact =
        invite ? fmt::format("Contact: <sip:7002@{}>", address_) : line_of(request, "Contact");
    auto response = fmt::format("SIP/2.0 200 OK\r\n{}\r\n{}\r\n{}{}\r\n{}\r\n{}\r\n", line_of(request, "Via"),
                                line_of(request, "From"), to, to.find("tag=") == to.npos ? ";tag=far" : "",
                                line_of(request, "Call-ID"), line_of(request, "CSeq"));
    if (!contact.empty()) response += contact + "\r\n";
    if (invite) response += "Content-Type: application/sdp\r\n";
    response += fmt::format("Content-Length: {}\r\n\r\n{}", sdp.size(), sdp);
    ::sendto(socket_, response.data(), response.size(), 0, reinterpret_cast<const sockaddr*>(&from),
             sizeof from);
  }

  int socket_;
  std::string address_;
  std::vector<Request> requests_;
};

// One interface, whose address is one of the many that each machine has on its loopback.
net::NetworkFacts desk(const std::string& ip) {
  net::Interface interface;
  interface.name = "desk0";
  interface.addresses = {*IpAddress::parse(ip)};
  interface.up = interface.has_default_gateway = true;
  interface.hardware_address = "0a1b2c3d4e5f";
  net::NetworkFacts facts;
  facts.interfaces = {interface};
  facts.host_name = "desk";
  return facts;
}

const std::string instance = "+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-0a1b2c3d4e5f>\"";

class PhoneNetwork : public testing::Test {
 protected:
  static PhoneSettings settings(const Server& server, std::vector<OptionValue> more = {}) {
    EndpointSettings given;
    given.options = {
        {"user:0", "7001"}, {"server:0", server.address()}, {"policy.endpoint.public_address", "$desk0"}};
    given.options.insert(given.options.end(), more.begin(), more.end());
    given.dns_servers = {"127.0.0.1:9"};  // nobody
    given.audio.kind = AudioSettings::Kind::none;
    auto configured = read_configured(given, true);
    if (!configured) throw std::runtime_error(describe(configured.error()));
    auto settings = std::move(configured->settings);
    settings.network = desk("127.0.0.2");
    settings.sip_port_min = settings.sip_port_max = 0;  // any
    return settings;
  }
  void start(PhoneSettings settings) {
    phone_ =
        std::make_unique<PhoneEngine>(io_, std::move(settings), clock_, random_, log_, [this](Event event) {
          if (const auto* changed = std::get_if<CallChanged>(&event)) state_ = changed->call.state;
          if (const auto* line = std::get_if<LineChanged>(&event)) line_ = line->line.state;
        });
    const auto started = phone_->start();
    ASSERT_TRUE(started) << describe(started.error());
  }
  bool run_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < deadline) {
      one_.answer_all();
      two_.answer_all();
      if (done()) return true;
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(5));
    }
    return false;
  }
  // The `count`th request of the method that a server gets.
  Server::Request nth(const Server& server, const std::string& method, std::size_t count) {
    EXPECT_TRUE(run_until([&] { return server.requests(method).size() >= count; })) << method << ' ' << count;
    const auto requests = server.requests(method);
    return requests.size() < count ? Server::Request{} : requests[count - 1];
  }
  std::string registration(std::size_t count) {
    return line_of(nth(one_, "REGISTER", count).text, "Contact");
  }
  void call() {
    ASSERT_TRUE(run_until([&] { return line_ && line_ != LineState::registering; }));
    phone_->post(Dial{.target = "7002"});
    ASSERT_TRUE(run_until([&] { return state_ == CallState::connected && !one_.requests("ACK").empty(); }));
  }

  Server one_, two_;
  boost::asio::io_context io_{1};
  SteadyTime clock_;
  SeededRandom random_{7};
  NullSink log_;
  std::optional<CallState> state_;
  std::optional<LineState> line_;
  std::unique_ptr<PhoneEngine> phone_;
};

const OptionValue no_registration{"proxies.proxy0.reg_timeout", "0"};
OptionValue include_mac_address(bool wanted) {
  return {"policy.endpoint.include_mac_address", wanted ? "1" : "0"};
}

// RFC 5626 §4.1
TEST_F(PhoneNetwork, IncludeMacAddressTellsTheInterface) {
  start(settings(one_, {include_mac_address(true)}));
  EXPECT_THAT(registration(1), HasSubstr(instance));
}

TEST_F(PhoneNetwork, WithoutIncludeMacAddressNothingIsToldOfIt) {
  start(settings(one_, {include_mac_address(false)}));
  EXPECT_THAT(registration(1), Not(HasSubstr("instance")));
}

TEST_F(PhoneNetwork, IncludeMacAddressActsOnTheNextRegistration) {
  start(settings(one_, {include_mac_address(false)}));
  EXPECT_THAT(registration(1), Not(HasSubstr("instance")));
  const auto told = [&] {
    const auto all = one_.requests("REGISTER");
    return std::count_if(all.begin(), all.end(), [](const auto& each) {
      return each.text.find(instance) != std::string::npos &&
             each.text.find("Expires: 0") == std::string::npos;
    });
  };
  ASSERT_TRUE(phone_->reconfigure(settings(one_, {include_mac_address(true)})));
  EXPECT_TRUE(run_until([&] { return told() == 1; }));
  const auto before = one_.requests("REGISTER").size();
  ASSERT_TRUE(phone_->reconfigure(settings(one_, {include_mac_address(false)})));
  EXPECT_TRUE(run_until([&] {
    const auto all = one_.requests("REGISTER");
    return std::any_of(all.begin() + static_cast<std::ptrdiff_t>(before), all.end(),
                       [](const auto& each) { return each.text.find("instance") == std::string::npos; });
  }));
}

TEST_F(PhoneNetwork, LinesAndTheirCallsFollow) {
  start(settings(one_));
  EXPECT_THAT(registration(1), HasSubstr("@127.0.0.2:"));
  call();
  phone_->network_changed(desk("127.0.0.3"));
  const auto told = nth(one_, "INVITE", 2);
  EXPECT_EQ(told.from, "127.0.0.3");
  EXPECT_THAT(told.text, HasSubstr("c=IN IP4 127.0.0.3\r\n"));
  EXPECT_TRUE(run_until([&] {
    const auto all = one_.requests("REGISTER");
    return std::any_of(all.begin(), all.end(), [](const auto& each) {
      return line_of(each.text, "Contact").find("@127.0.0.3:") != std::string::npos;
    });
  }));
}

// docs/decisions/0022: the line of these calls has another server by now, and does not lead them any more.
// All loopback addresses are always there, so the one that goes is of another interface of this machine.
class CallOfAFormerLine : public PhoneNetwork {
 protected:
  void SetUp() override {
    for (const auto& ip : net::read_network_facts().addresses())
      if (ip.is_v4() && !ip.is_loopback()) own_ = ip.to_string();
    if (own_.empty()) GTEST_SKIP() << "this machine has loopback addresses only";
    auto first = settings(one_, {no_registration});
    first.network = desk(own_);
    start(std::move(first));
    call();
    ASSERT_EQ(one_.requests("INVITE").front().from, own_);
    ASSERT_TRUE(phone_->reconfigure(settings(two_, {no_registration})));
  }
  std::string own_;
};

TEST_F(CallOfAFormerLine, Follows) {
  phone_->network_changed(desk("127.0.0.3"));
  const auto told = nth(one_, "INVITE", 2);
  EXPECT_EQ(told.from, "127.0.0.3");
  EXPECT_THAT(told.text, HasSubstr("c=IN IP4 127.0.0.3\r\n"));
  EXPECT_THAT(line_of(told.text, "Contact"), HasSubstr("@127.0.0.3:"));
  EXPECT_EQ(state_, CallState::connected);
}

TEST_F(CallOfAFormerLine, StaysWhereItsAddressStays) {
  auto both = desk("127.0.0.3");
  both.interfaces.push_back(desk(own_).interfaces.front());
  both.interfaces.back().name = "former";
  phone_->network_changed(both);
  phone_->post(HangUp{phone_->snapshot().calls.front().call});
  EXPECT_EQ(nth(one_, "BYE", 1).from, own_);
  EXPECT_EQ(one_.requests("INVITE").size(), 1U);
}

}  // namespace
}  // namespace sidetone::engine
