// Asks name servers and the hosts file, by c-ares on the caller's io_context: no thread of its own, and no
// timer or open socket while no question is out. What the bytes of an answer mean is for others to read.
//
//   DnsClient dns(io, {});
//   dns.ask("_sip._udp.example.com", 33, [](DnsReply reply) { ... });
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/address.h"

namespace sidetone::net {

struct DnsSettings {
  std::vector<Address> servers;  // empty: those of /etc/resolv.conf, read anew when that file changes
  // Of the first try; each server is asked twice, the second time for twice as long.
  int timeout_ms = 1000;
  int tries = 2;
};

struct DnsReply {
  enum class Kind {
    message,    // `bytes`: a response as it came, also one that says that there is nothing
    addresses,  // from the hosts file
    nothing,    // the name has no such record, without a message that says more
    no_name,
    no_answer,  // `text`: which server, and how long it was waited for
    failed,     // `text`
  } kind = Kind::failed;
  std::string bytes;
  std::vector<IpAddress> addresses;
  std::string text;
};

class DnsClient {
 public:
  using OnReply = std::function<void(DnsReply)>;

  DnsClient(boost::asio::io_context& io, DnsSettings settings);
  ~DnsClient();  // no further call
  DnsClient(const DnsClient&) = delete;
  DnsClient& operator=(const DnsClient&) = delete;

  // `type` as on the wire (A 1, AAAA 28, SRV 33, NAPTR 35). The reply comes on the io_context's thread, never
  // from inside ask().
  void ask(const std::string& name, std::uint16_t type, OnReply on_reply);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace sidetone::net
