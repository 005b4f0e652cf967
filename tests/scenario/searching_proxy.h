// A proxy that tries one contact after the other: call forwarding on busy and on no answer, find-me
// (RFC 5359 §2.8, §2.9, §2.12).
#pragma once

#include "proxy.h"

namespace sidetone::test {

class SearchingProxy : public Proxy {
 public:
  using Proxy::Proxy;
  // Contacts of the one whom this proxy serves, and how long each may ring.
  void search(std::vector<Address> contacts, Duration patience) {
    contacts_ = std::move(contacts);
    patience_ = patience;
  }

 protected:
  void take_request(sip::Message request, Address from) override {
    const auto method = request.method();
    const bool in_dialog = sip::NameAddr::parse(request.value(sip::HeaderId::to))->params.has("tag");
    if (method == sip::Method::invite && !in_dialog) return take_invite(std::move(request), from);
    if (method == sip::Method::cancel && invite_) {
      forward(with_branch(std::move(request)), contacts_.at(at_));
      at_ = contacts_.size() - 1;  // no further search
      return;
    }
    Proxy::take_request(std::move(request), from);
  }

  void take_response(sip::Message response) override {
    const auto via = sip::Via::parse(response.value(sip::HeaderId::via));
    if (!via || response.method() != sip::Method::invite || !via->branch().starts_with("z9hG4bKsearch."))
      return Proxy::take_response(std::move(response));
    const auto target = static_cast<std::size_t>(via->branch().back() - '0');
    const bool failed = response.status() >= 300;
    if (failed) acknowledge(response, target);
    if (failed && target == at_ && at_ + 1 < contacts_.size()) return go_on();
    if (target != at_) return;  // of one that was given up
    if (failed || response.status() >= 200) done_ = true;
    if (response.status() != 100) Proxy::take_response(std::move(response));
  }

 private:
  void take_invite(sip::Message request, Address from) {
    upstream_ = from;
    const bool repeated = invite_.has_value();
    invite_ = std::move(request);
    if (!repeated) trying();
    if (!done_) ring();
    if (!repeated) watch();
  }
  void trying() { wire().inject(address(), upstream_, sip::Message::response(*invite_, 100, "", "")); }
  void ring() {
    auto copy = with_branch(*invite_);
    copy.add_first(sip::HeaderId::record_route, fmt::format("<sip:{};lr>", address().ip.to_string()));
    copy.set_request_uri(fmt::format("sip:{}", contacts_.at(at_).to_string()));
    forward(std::move(copy), contacts_.at(at_));
  }
  void watch() {
    if (at_ + 1 >= contacts_.size()) return;
    wire().after(patience_, [this, target = at_] {
      if (target != at_ || done_) return;
      auto cancel = request_like(sip::Method::cancel, target, {});
      forward(std::move(cancel), contacts_.at(target));
    });
  }
  void go_on() {
    ++at_;
    auto forwarded = sip::Message::response(*invite_, 181, "", "proxy");
    wire().inject(address(), upstream_, forwarded);
    ring();
    watch();
  }
  void acknowledge(const sip::Message& response, std::size_t target) {
    forward(request_like(sip::Method::ack, target, response.value(sip::HeaderId::to)), contacts_.at(target));
  }

  [[nodiscard]] std::string branch(std::size_t target) const {
    const auto via = sip::Via::parse(invite_->value(sip::HeaderId::via));
    return fmt::format("z9hG4bKsearch.{}.{}", via->branch(), target);
  }
  [[nodiscard]] sip::Message with_branch(sip::Message request) const {
    request.add_first(sip::HeaderId::via,
                      fmt::format("SIP/2.0/UDP {};branch={}", address().to_string(), branch(at_)));
    return request;
  }
  // RFC 3261 §9.1, §17.1.1.3: of the INVITE to that contact.
  [[nodiscard]] sip::Message request_like(sip::Method method, std::size_t target, std::string_view to) const {
    auto request = sip::Message::request(method, fmt::format("sip:{}", contacts_.at(target).to_string()));
    request.add(sip::HeaderId::via,
                fmt::format("SIP/2.0/UDP {};branch={}", address().to_string(), branch(target)));
    request.add(sip::HeaderId::max_forwards, "70");
    request.add(sip::HeaderId::from, invite_->value(sip::HeaderId::from));
    request.add(sip::HeaderId::to, to.empty() ? invite_->value(sip::HeaderId::to) : to);
    request.add(sip::HeaderId::call_id, invite_->value(sip::HeaderId::call_id));
    const auto number = sip::CSeq::parse(invite_->value(sip::HeaderId::cseq))->number;
    request.add(sip::HeaderId::cseq, fmt::format("{} {}", number, sip::to_string(method)));
    return request;
  }

  std::vector<Address> contacts_;
  Duration patience_{};
  std::size_t at_ = 0;
  bool done_ = false;
  Address upstream_;
  std::optional<sip::Message> invite_;
};

}  // namespace sidetone::test
