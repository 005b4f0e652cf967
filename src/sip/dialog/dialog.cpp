#include "sip/dialog/dialog.h"

#include <fmt/format.h>

#include <algorithm>

#include "sip/dialog/next_hop.h"
#include "sip/message/headers.h"

namespace sidetone::sip {
namespace {

std::string uri_in(std::string_view name_addr) {
  const auto parsed = NameAddr::parse(name_addr);
  return parsed ? std::string(parsed->uri.text) : std::string(name_addr);
}

std::vector<std::string> record_routes(const Message& message) {
  std::vector<std::string> routes;
  for (const auto value : message.values(HeaderId::record_route)) routes.emplace_back(value);
  return routes;
}

bool is_loose(std::string_view route) {
  const auto parsed = NameAddr::parse(route);
  return parsed && parsed->uri.is_loose_route();
}

}  // namespace

std::string_view tag_of(const Message& message, HeaderId header) {
  const auto parsed = NameAddr::parse(message.value(header));
  return parsed ? parsed->tag() : std::string_view{};
}

std::uint32_t cseq_of(const Message& message) {
  const auto parsed = CSeq::parse(message.value(HeaderId::cseq));
  return parsed ? parsed->number : 0;
}

Dialog Dialog::as_caller(const Message& invite, const Message& response, const Flow& flow) {
  Dialog dialog;
  dialog.is_ours_ = true;
  dialog.call_id_ = std::string(response.value(HeaderId::call_id));
  dialog.local_ = std::string(response.value(HeaderId::from));
  dialog.remote_ = std::string(response.value(HeaderId::to));
  dialog.local_tag_ = std::string(tag_of(response, HeaderId::from));
  dialog.remote_tag_ = std::string(tag_of(response, HeaderId::to));
  dialog.local_cseq_ = cseq_of(invite);
  dialog.is_secure_ = is_sips(invite.request_uri());
  dialog.remote_target_ = std::string(invite.request_uri());  // should the Contact be missing
  dialog.confirm(response, flow);
  return dialog;
}

Dialog Dialog::as_callee(const Message& invite, std::string_view local_tag, const Flow& flow) {
  Dialog dialog;
  dialog.call_id_ = std::string(invite.value(HeaderId::call_id));
  dialog.local_ = fmt::format("{};tag={}", invite.value(HeaderId::to), local_tag);
  dialog.remote_ = std::string(invite.value(HeaderId::from));
  dialog.local_tag_ = std::string(local_tag);
  dialog.remote_tag_ = std::string(tag_of(invite, HeaderId::from));
  dialog.remote_cseq_ = cseq_of(invite);
  dialog.is_secure_ = is_sips(invite.request_uri());
  dialog.route_set_ = record_routes(invite);
  dialog.remote_target_ = uri_in(invite.value(HeaderId::from));  // should the Contact be missing
  dialog.refresh_target(invite);
  dialog.flow_ = flow;
  return dialog;
}

Dialog Dialog::as_notified(const Message& notify, std::uint32_t cseq, const Flow& flow) {
  const auto local_tag = tag_of(notify, HeaderId::to);
  auto dialog = as_callee(notify, local_tag, flow);
  dialog.local_ = std::string(notify.value(HeaderId::to));  // our tag is in it already
  dialog.local_cseq_ = cseq;
  return dialog;
}

void Dialog::confirm(const Message& response, const Flow& flow) {
  route_set_ = record_routes(response);
  std::reverse(route_set_.begin(), route_set_.end());
  refresh_target(response);
  flow_ = flow;
}

std::string Dialog::key(std::string_view call_id, std::string_view local_tag, std::string_view remote_tag) {
  return fmt::format("{}\n{}\n{}", call_id, local_tag, remote_tag);
}

std::string Dialog::local_uri() const { return uri_in(local_); }
std::string Dialog::remote_uri() const { return uri_in(remote_); }

Message Dialog::request(Method method) { return build(Message::request(method, target_uri()), next_cseq()); }

Message Dialog::request(std::string_view method_name) {
  return build(Message::request(method_name, target_uri()), next_cseq());
}

Message Dialog::ack(std::uint32_t invite_cseq) const {
  return build(Message::request(Method::ack, target_uri()), invite_cseq);
}

// §12.2.1.1: a strict router at the head of the route set is put into the Request-URI.
std::string Dialog::target_uri() const {
  if (route_set_.empty() || is_loose(route_set_.front())) return remote_target_;
  return uri_in(route_set_.front());
}

Message Dialog::build(Message request, std::uint32_t cseq) const {
  const bool strict = !route_set_.empty() && !is_loose(route_set_.front());
  for (std::size_t i = strict ? 1 : 0; i < route_set_.size(); ++i)
    request.add(HeaderId::route, route_set_[i]);
  if (strict) request.add(HeaderId::route, fmt::format("<{}>", remote_target_));
  request.add(HeaderId::max_forwards, "70");
  request.add(HeaderId::from, local_);
  request.add(HeaderId::to, remote_);
  request.add(HeaderId::call_id, call_id_);
  request.add(HeaderId::cseq, fmt::format("{} {}", cseq, request.method_name()));
  return request;
}

std::string Dialog::next_uri() const {
  return route_set_.empty() ? remote_target_ : uri_in(route_set_.front());
}

NextHop Dialog::next_hop() const {
  // A target that names no host (tel:) can only be reached the way the dialog came.
  auto hop = next_hop_of(next_uri())
                 .value_or(NextHop{flow_.transport, flow_.remote.ip.to_string(), flow_.remote.port, {}, {}});
  if (flow_.transport == Transport::udp)
    hop.socket = flow_.socket;
  else
    hop.flow = flow_;  // connection reuse while it lives
  return hop;
}

bool Dialog::in_order(const Message& request) {
  const auto number = cseq_of(request);
  if (remote_cseq_ && number < *remote_cseq_) return false;
  remote_cseq_ = number;
  return true;
}

void Dialog::refresh_target(const Message& message) {
  const auto contact = NameAddr::parse(message.value(HeaderId::contact));
  if (contact && !contact->is_star && !contact->uri.text.empty())
    remote_target_ = std::string(contact->uri.text);
}

}  // namespace sidetone::sip
