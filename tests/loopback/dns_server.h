// A name server of the test's own on 127.0.0.1: answers from a list of records, or keeps silent.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "../unit/sip/dns_bytes.h"
#include "net/datagram_socket.h"

namespace sidetone::test {

class DnsServer {
 public:
  explicit DnsServer(boost::asio::io_context& io) {
    auto bound = net::DatagramSocket::bind(
        io, {IpAddress::loopback_v4(), 0}, 0,
        [this](const Address& from, const IpAddress&, const std::string& query) { answer(from, query); },
        [](const Address&, const std::string&) {});
    socket_ = std::move(bound.value());
  }
  [[nodiscard]] Address address() const { return socket_->local(); }

  void add(const std::string& name, std::uint16_t type, std::string data) {
    records_[{name, type}].push_back(std::move(data));
  }
  bool silent = false;
  std::vector<std::string> asked;  // "33 _sip._udp.example.com"

 private:
  using Bytes = sip::test::DnsBytes;
  void answer(const Address& from, const std::string& query) {
    std::string name;
    std::size_t at = 12;
    while (at < query.size() && query[at] != 0) {
      if (!name.empty()) name += '.';
      const auto length = static_cast<std::uint8_t>(query[at]);
      name += query.substr(at + 1, length);
      at += length + 1;
    }
    const auto u16 = [&](std::size_t where) {
      return static_cast<std::uint16_t>(static_cast<unsigned char>(query.at(where)) << 8 |
                                        static_cast<unsigned char>(query.at(where + 1)));
    };
    const auto type = u16(at + 1);
    asked.push_back(std::to_string(type) + " " + name);
    if (silent) return;
    const auto found = records_.find({name, type});
    Bytes bytes(name, type, found == records_.end() ? 3 : 0);
    if (found != records_.end())
      for (const auto& data : found->second) bytes.record(name, type, 60, data);
    socket_->send(from, std::make_shared<const std::string>(bytes.text(u16(0))));
  }

  std::unique_ptr<net::DatagramSocket> socket_;
  std::map<std::pair<std::string, std::uint16_t>, std::vector<std::string>> records_;
};

}  // namespace sidetone::test
