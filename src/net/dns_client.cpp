#include "net/dns_client.h"

#include <ares.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netdb.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstring>
#include <fstream>
#include <unordered_map>

namespace sidetone::net {
namespace {

using Clock = std::chrono::steady_clock;
namespace asio = boost::asio;

constexpr const char* resolv_conf = "/etc/resolv.conf";
constexpr int class_in = 1;
constexpr std::uint16_t type_a = 1, type_aaaa = 28;

// When the file was changed last; all zero when there is none.
timespec changed_at(const char* path) {
  struct stat info{};
  return stat(path, &info) == 0 ? info.st_mtim : timespec{};
}

std::vector<std::string> servers_in_use(const DnsSettings& settings) {
  std::vector<std::string> servers;
  for (const auto& server : settings.servers) servers.push_back(server.to_string());
  if (!servers.empty()) return servers;
  std::ifstream file(resolv_conf);
  // Bound: resolv.conf(5) knows three.
  for (std::string word, value; servers.size() < 3 && file >> word;)
    if (word == "nameserver" && file >> value) servers.push_back(value);
  if (servers.empty()) servers.emplace_back("127.0.0.1");
  return servers;
}

std::vector<IpAddress> addresses_of(const hostent& host) {
  std::vector<IpAddress> addresses;
  for (char** each = host.h_addr_list; *each != nullptr; ++each) {
    IpAddress ip;
    ip.family = host.h_addrtype == AF_INET ? IpAddress::Family::v4 : IpAddress::Family::v6;
    std::memcpy(ip.bytes.data(), *each, static_cast<std::size_t>(host.h_length));
    addresses.push_back(ip);
  }
  return addresses;
}

}  // namespace

struct DnsClient::Impl : std::enable_shared_from_this<DnsClient::Impl> {
  Impl(asio::io_context& context, DnsSettings given) : io(context), settings(std::move(given)), timer(io) {
    ares_library_init(ARES_LIB_INIT_ALL);
  }
  ~Impl() {
    close();
    ares_library_cleanup();
  }

  // One socket of c-ares, watched while it wants to read or write.
  struct Watch {
    explicit Watch(asio::io_context& context, int fd) : descriptor(context, fd) {}
    asio::posix::stream_descriptor descriptor;
    bool wants[2] = {false, false}, armed[2] = {false, false};  // to read, to write
  };
  struct Question {
    std::weak_ptr<Impl> client;
    OnReply on_reply;
    Clock::time_point since;
  };

  bool open();
  void close();
  [[nodiscard]] std::vector<IpAddress> from_hosts_file(const std::string& name, std::uint16_t type);
  void send(const std::string& name, std::uint16_t type, OnReply on_reply);
  [[nodiscard]] DnsReply reply_of(int status, const unsigned char* bytes, int length,
                                  Clock::time_point since) const;
  void pass(OnReply on_reply, DnsReply reply);
  void process(ares_socket_t readable, ares_socket_t writable);
  void watch(ares_socket_t fd, bool read, bool write);
  void arm(ares_socket_t fd, const std::shared_ptr<Watch>& watch, int direction);
  void set_timer();

  static void on_answer(void* question, int status, int timeouts, unsigned char* bytes, int length);

  asio::io_context& io;
  DnsSettings settings;
  asio::steady_timer timer;
  ares_channel channel = nullptr;
  timespec read_at{};  // the state of resolv.conf that the channel has
  std::size_t asking = 0;
  std::unordered_map<ares_socket_t, std::shared_ptr<Watch>> watches;
};

bool DnsClient::Impl::open() {
  const auto changed = changed_at(resolv_conf);
  const bool is_old = changed.tv_sec != read_at.tv_sec || changed.tv_nsec != read_at.tv_nsec;
  if (channel != nullptr && asking == 0 && is_old) close();
  if (channel != nullptr) return true;
  read_at = changed;
  ares_options options{};
  options.flags = ARES_FLAG_EDNS;  // a pool of SRV records with their addresses is longer than 512 bytes
  options.ednspsz = 1232;
  options.timeout = settings.timeout_ms;
  options.tries = settings.tries;
  options.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
    static_cast<Impl*>(self)->watch(fd, readable != 0, writable != 0);
  };
  options.sock_state_cb_data = this;
  int mask = ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
#ifdef ARES_OPT_QUERY_CACHE
  // Newer releases keep answers themselves. The one cache is above, where its rules can be tested.
  options.qcache_max_ttl = 0;
  mask |= ARES_OPT_QUERY_CACHE;
#endif
  if (ares_init_options(&channel, &options, mask) != ARES_SUCCESS) {
    channel = nullptr;
    return false;
  }
  if (settings.servers.empty()) return true;
  const auto list = fmt::format("{}", fmt::join(servers_in_use(settings), ","));
  return ares_set_servers_ports_csv(channel, list.c_str()) == ARES_SUCCESS;
}

void DnsClient::Impl::close() {
  timer.cancel();
  if (channel != nullptr) ares_destroy(channel);
  channel = nullptr;
}

std::vector<IpAddress> DnsClient::Impl::from_hosts_file(const std::string& name, std::uint16_t type) {
  if (type != type_a && type != type_aaaa) return {};
  hostent* host = nullptr;
  if (ares_gethostbyname_file(channel, name.c_str(), type == type_a ? AF_INET : AF_INET6, &host) ==
      ARES_SUCCESS) {
    auto addresses = addresses_of(*host);
    ares_free_hostent(host);
    return addresses;
  }
  if (name != "localhost") return {};
  if (type == type_a) return {IpAddress::loopback_v4()};
  return {IpAddress::parse("::1").value()};
}

void DnsClient::Impl::send(const std::string& name, std::uint16_t type, OnReply on_reply) {
  auto* question = new Question{weak_from_this(), std::move(on_reply), Clock::now()};  // on_answer() frees it
  ++asking;
  // These two are marked as old in newer releases, whose successors the older ones do not have. They are the
  // only way to a whole answer that all of them share.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  // Search domains are for bare host names ("sipserver"); all else is a full name.
  if (name.find('.') == std::string::npos)
    ares_search(channel, name.c_str(), class_in, type, on_answer, question);
  else
    ares_query(channel, name.c_str(), class_in, type, on_answer, question);
#pragma GCC diagnostic pop
  set_timer();
}

void DnsClient::Impl::on_answer(void* argument, int status, int, unsigned char* bytes, int length) {
  const std::unique_ptr<Question> question(static_cast<Question*>(argument));
  const auto self = question->client.lock();  // gone: ares_destroy() in the destructor
  if (!self) return;
  --self->asking;
  if (status == ARES_EDESTRUCTION) return;
  self->pass(std::move(question->on_reply), self->reply_of(status, bytes, length, question->since));
}

DnsReply DnsClient::Impl::reply_of(int status, const unsigned char* bytes, int length,
                                   Clock::time_point since) const {
  DnsReply reply;
  const auto servers = servers_in_use(settings);
  const auto named =
      fmt::format("{} {}", servers.size() == 1 ? "server" : "servers", fmt::join(servers, ", "));
  const bool is_answer = status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND;
  if (is_answer && bytes != nullptr && length > 0) {
    reply.kind = DnsReply::Kind::message;
    reply.bytes.assign(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
  } else if (status == ARES_ENOTFOUND) {
    reply.kind = DnsReply::Kind::no_name;
  } else if (status == ARES_ENODATA) {
    reply.kind = DnsReply::Kind::nothing;
  } else if (status == ARES_ETIMEOUT) {
    reply.kind = DnsReply::Kind::no_answer;
    const auto waited = std::chrono::round<std::chrono::seconds>(Clock::now() - since).count();
    reply.text = fmt::format("{} did not answer within {} s", named, waited);
  } else if (status == ARES_ECONNREFUSED) {
    reply.kind = DnsReply::Kind::no_answer;
    reply.text = fmt::format("{} cannot be reached", named);
  } else {
    reply.text = fmt::format("{}: {}", named, ares_strerror(status));
  }
  return reply;
}

void DnsClient::Impl::pass(OnReply on_reply, DnsReply reply) {
  asio::post(io,
             [client = weak_from_this(), on_reply = std::move(on_reply), reply = std::move(reply)]() mutable {
               if (!client.expired()) on_reply(std::move(reply));
             });
}

void DnsClient::Impl::process(ares_socket_t readable, ares_socket_t writable) {
  ares_process_fd(channel, readable, writable);
  set_timer();
}

// c-ares says what each of its sockets waits for; nothing means that it is about to be closed.
void DnsClient::Impl::watch(ares_socket_t fd, bool read, bool write) {
  auto& entry = watches[fd];
  if (!read && !write) {
    if (entry) entry->descriptor.release();  // the waits end with an error; the socket stays c-ares's own
    watches.erase(fd);
    return;
  }
  if (!entry) entry = std::make_shared<Watch>(io, fd);
  entry->wants[0] = read;
  entry->wants[1] = write;
  const auto keep = entry;
  for (const int direction : {0, 1}) arm(fd, keep, direction);
}

void DnsClient::Impl::arm(ares_socket_t fd, const std::shared_ptr<Watch>& watch, int direction) {
  if (!watch->wants[direction] || watch->armed[direction]) return;
  watch->armed[direction] = true;
  const auto wait =
      direction == 0 ? asio::posix::descriptor_base::wait_read : asio::posix::descriptor_base::wait_write;
  watch->descriptor.async_wait(wait, [client = weak_from_this(), seen = std::weak_ptr(watch), fd,
                                      direction](const boost::system::error_code& error) {
    const auto self = client.lock();
    const auto still = seen.lock();
    if (!self || !still || error) return;
    still->armed[direction] = false;
    if (self->channel == nullptr) return;
    self->process(direction == 0 ? fd : ARES_SOCKET_BAD, direction == 1 ? fd : ARES_SOCKET_BAD);
    const auto now = self->watches.find(fd);
    if (now != self->watches.end() && now->second == still) self->arm(fd, still, direction);
  });
}

void DnsClient::Impl::set_timer() {
  timeval wait{};
  if (channel == nullptr || ares_timeout(channel, nullptr, &wait) == nullptr) {
    timer.cancel();
    return;
  }
  timer.expires_after(std::chrono::seconds(wait.tv_sec) + std::chrono::microseconds(wait.tv_usec));
  timer.async_wait([client = weak_from_this()](const boost::system::error_code& error) {
    const auto self = client.lock();
    if (self && !error && self->channel != nullptr) self->process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  });
}

DnsClient::DnsClient(asio::io_context& io, DnsSettings settings)
    : impl_(std::make_shared<Impl>(io, std::move(settings))) {}

DnsClient::~DnsClient() = default;

void DnsClient::ask(const std::string& name, std::uint16_t type, OnReply on_reply) {
  if (!impl_->open()) {
    DnsReply reply;
    reply.text = "the resolver could not be started";
    return impl_->pass(std::move(on_reply), std::move(reply));
  }
  // RFC 6761 §6.3: never a question for the network.
  if ((name == "localhost" || name.ends_with(".localhost")) && type != type_a && type != type_aaaa) {
    DnsReply reply;
    reply.kind = DnsReply::Kind::no_name;
    return impl_->pass(std::move(on_reply), std::move(reply));
  }
  if (auto known = impl_->from_hosts_file(name, type); !known.empty()) {
    DnsReply reply;
    reply.kind = DnsReply::Kind::addresses;
    reply.addresses = std::move(known);
    return impl_->pass(std::move(on_reply), std::move(reply));
  }
  impl_->send(name, type, std::move(on_reply));
}

}  // namespace sidetone::net
