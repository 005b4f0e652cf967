// A stateless proxy (RFC 3261 §16.11) as a scripted peer: the part that a proxy plays in RFC 3665 and RFC
// 5359.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "sip/auth/digest.h"
#include "sip/message/headers.h"
#include "wire.h"

namespace sidetone::test {

class Proxy {
 public:
  Proxy(Wire& wire, std::string name, std::string_view address)
      : wire_(wire), name_(std::move(name)), address_(*Address::parse(address, 5060)) {
    wire_.add_standing_peer(address_, name_,
                            [this](const sip::Message& message, Address from) { take(message, from); });
  }

  // Where requests for a domain or for an address-of-record go, and under which Request-URI (empty: as it
  // is).
  void route(std::string of, Address to, std::string uri = {}) {
    routes_[std::move(of)] = {to, std::move(uri)};
  }
  // Out-of-dialog requests need these credentials (RFC 3261 §22.3).
  void demand(std::string user, std::string password) {
    digest_.emplace(name_, std::vector{sip::DigestAlgorithm::md5}, name_);
    user_ = std::move(user);
    password_ = std::move(password);
  }
  // Decides about a request before it is routed: a response instead of forwarding, or a changed message.
  std::function<std::optional<sip::Message>(sip::Message& request)> decide;
  // Sees each message that it is about to forward: an ALG.
  std::function<void(sip::Message&)> rewrite;
  bool record_route = true;
  bool out_of_service = false;  // takes everything, says nothing

  virtual ~Proxy() = default;

 protected:
  virtual void take_request(sip::Message request, Address from);
  virtual void take_response(sip::Message response);
  void forward(sip::Message message, Address to) {
    if (rewrite) rewrite(message);
    wire_.inject(address_, to, message);
  }
  [[nodiscard]] const Address& address() const { return address_; }
  [[nodiscard]] Wire& wire() { return wire_; }

 private:
  struct Route {
    Address to;
    std::string uri;
  };

  void take(sip::Message message, Address from) {
    if (out_of_service) return;
    message.is_request() ? take_request(std::move(message), from) : take_response(std::move(message));
  }

  void reply(sip::Message response, Address to, const std::string& branch) {
    answered_.insert(branch);
    wire_.inject(address_, to, response);
  }

  [[nodiscard]] bool is_known(const sip::Message& request) {
    return digest_->verify(request, true, user_, Secret<std::string>(password_), wire_.now()) ==
           sip::DigestServer::Verdict::ok;
  }
  void challenge(const sip::Message& request, Address from, const std::string& branch) {
    auto response = sip::Message::response(request, 407, "", "proxy");
    digest_->challenge(response, true, false, wire_.now());
    reply(std::move(response), from, branch);
  }

  [[nodiscard]] bool is_mine(const sip::Message& request) const {
    const auto route = sip::NameAddr::parse(request.value(sip::HeaderId::route));
    return route && route->uri.host == address_.ip.to_string();
  }
  [[nodiscard]] std::optional<Route> next_hop(const sip::Message& request) const {
    std::string_view uri_text = request.request_uri();
    if (const auto route = sip::NameAddr::parse(request.value(sip::HeaderId::route)))
      uri_text = route->uri.text;
    const auto uri = sip::Uri::parse(uri_text);
    if (!uri) return std::nullopt;
    for (const auto& key : {fmt::format("{}@{}", uri->user, uri->host), std::string(uri->host)})
      if (const auto known = routes_.find(key); known != routes_.end()) return known->second;
    const auto ip = IpAddress::parse(uri->host);
    if (!ip) return std::nullopt;
    return Route{{*ip, uri->port != 0 ? uri->port : std::uint16_t{5060}}, {}};
  }

  Wire& wire_;
  std::string name_;
  Address address_;
  std::map<std::string, Route> routes_;
  std::set<std::string> answered_;  // branches to which it gave the final response itself
  std::optional<sip::DigestServer> digest_;
  std::string user_, password_;
};

inline void Proxy::take_request(sip::Message request, Address from) {
  const auto via = sip::Via::parse(request.value(sip::HeaderId::via));
  if (!via) return;
  // The same request gets the same branch, so that ACK and CANCEL meet their INVITE (§16.11).
  const auto branch = fmt::format("{}.{}", via->branch(), address_.ip.to_string());
  if (request.method() == sip::Method::ack && answered_.contains(branch)) return;
  const bool in_dialog = sip::NameAddr::parse(request.value(sip::HeaderId::to))->params.has("tag");
  if (!in_dialog && request.method() != sip::Method::ack && request.method() != sip::Method::cancel) {
    if (digest_ && !is_known(request)) return challenge(request, from, branch);
    if (decide)
      if (auto answer = decide(request)) return reply(std::move(*answer), from, branch);
  }
  if (is_mine(request)) request.remove_first(sip::HeaderId::route);
  const auto next = next_hop(request);
  if (!next) return reply(sip::Message::response(request, 404, "", "proxy"), from, branch);
  if (!next->uri.empty()) request.set_request_uri(next->uri);
  const auto hops = std::stoi(std::string(request.value(sip::HeaderId::max_forwards)));
  request.set(sip::HeaderId::max_forwards, std::to_string(hops - 1));
  if (record_route && !in_dialog && request.method() == sip::Method::invite)
    request.add_first(sip::HeaderId::record_route, fmt::format("<sip:{};lr>", address_.ip.to_string()));
  request.add_first(sip::HeaderId::via,
                    fmt::format("SIP/2.0/UDP {};branch={}", address_.to_string(), branch));
  forward(std::move(request), next->to);
}

inline void Proxy::take_response(sip::Message response) {
  response.remove_first(sip::HeaderId::via);
  const auto via = sip::Via::parse(response.value(sip::HeaderId::via));
  if (!via) return;
  const auto ip = IpAddress::parse(via->host);
  if (ip) forward(std::move(response), {*ip, via->port != 0 ? via->port : std::uint16_t{5060}});
}

}  // namespace sidetone::test
