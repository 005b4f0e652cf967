// How our messages look: names, tags, capabilities, Contact.
#include <fmt/format.h>

#include <algorithm>

#include "sip/dialog/next_hop.h"
#include "sip/message/headers.h"
#include "sip/message/info_package.h"
#include "sip/message/option_tags.h"
#include "sip/stack_core.h"

namespace sidetone::sip {
namespace {

// Made once: each of our messages carries one of them.
const std::string supported = supported_value(SupportedIn::dialogs);
const std::string supported_but_100rel = supported_value(SupportedIn::dialogs, "100rel");

}  // namespace

std::string StackCore::contact_user(const Account& account) {
  if (!account.contact_user.empty()) return escape_user(account.contact_user);
  const auto uri = Uri::parse(account.uri);
  return uri ? std::string(uri->user) : std::string{};
}

void add_headers(Message& message, const std::vector<ExtraHeader>& headers) {
  for (const auto& header : headers) message.add(header.name, header.value);
}

Message StackCore::new_request(std::string_view method, std::string_view target,
                               std::string_view from_display, std::string_view from_uri) {
  auto request = Message::request(method, target);
  request.add(HeaderId::max_forwards, "70");
  request.add(HeaderId::from, write_name_addr(from_display, from_uri, ";tag=" + random.token(12)));
  request.add(HeaderId::to, write_name_addr({}, target));
  request.add(HeaderId::call_id, random.token(24));
  request.add(HeaderId::cseq, fmt::format("1 {}", method));
  add_product(request);
  return request;
}

Expected<NewRequest> StackCore::start_request(std::string_view method, AccountId account_id,
                                              std::string_view target, std::string_view from_display,
                                              std::string_view from_uri,
                                              const std::optional<NextHop>& next_hop) {
  AccountPtr account;
  if (account_id) {
    const auto at = accounts.find(account_id);
    if (at == accounts.end()) return fail(Layer::sip, Fault::not_found, "no such account");
    account = at->second;
  }
  if (!Uri::parse(target)) return fail(Layer::sip, Fault::syntax, fmt::format("not a URI: {}", target));
  if (account && from_uri.empty()) {
    from_uri = account->account.uri;
    if (from_display.empty()) from_display = account->account.display_name;
  }
  if (!Uri::parse(from_uri)) return fail(Layer::sip, Fault::syntax, "the request needs a From URI");
  auto hop = next_hop;
  if (!hop && account) hop = account->account.server;
  if (!hop) hop = next_hop_of(target);
  if (!hop) return fail(Layer::sip, Fault::unreachable, fmt::format("no server for {}", target));
  const bool secure = is_sips(target);
  const bool same_server = account && account->flow && !next_hop && account->account.server;
  const auto transport = hop->flow ? hop->flow->transport : hop->transport;
  if (secure && transport != Transport::tls)  // RFC 3261 §26.2.2
    return fail(Layer::sip, Fault::refused,
                fmt::format("{} wants TLS, and the way to it is {}", target, to_string(transport)),
                "use a line with protocol=tls, or a sip: address");
  auto message = new_request(method, target, from_display, from_uri);
  name_in_log(account.get(), {}, message.value(HeaderId::call_id));
  // RFC 3608 §6.1. The line's server stays the next hop, as the outbound proxy that it is (RFC 3261 §8.1.2).
  if (account && !next_hop)
    for (const auto& route : account->service_route) message.add(HeaderId::route, route);
  if (same_server)
    add_contact(message, account.get(), *account->flow, secure);
  else
    add_contact(message, account.get(), *hop, secure);
  return NewRequest{std::move(message), std::move(*hop), std::move(account)};
}

void StackCore::add_product(Message& message) {
  const bool server = settings.server_role && !message.is_request();
  if (!settings.user_agent.empty())
    message.add(server ? HeaderId::server : HeaderId::user_agent, settings.user_agent);
}

// RFC 3261 §20.5, §20.37
void StackCore::add_capabilities(Message& message, bool reliable_provisionals) {
  message.add(HeaderId::allow, allow);
  const auto& tags = reliable_provisionals ? supported : supported_but_100rel;
  if (!tags.empty()) message.add(HeaderId::supported, tags);
  if (!allow_events.empty()) message.add(HeaderId::allow_events, allow_events);
  if (!recv_info.empty()) message.add(HeaderId::recv_info, recv_info);  // RFC 6086 §4.2.1
}

bool StackCore::is_for_user(Method method) const {
  const auto& methods = settings.user_methods;
  return std::find(methods.begin(), methods.end(), method) != methods.end();
}

bool StackCore::takes_info(const Message& info) const {
  const auto package = info_package_of(info);
  if (package.empty() || settings.server_role) return true;
  for (const auto& known : settings.info_packages)
    if (iequals(known, package)) return true;
  return false;
}

std::string StackCore::contact_uri(const AccountState* account, std::string_view sent_by, Transport transport,
                                   bool secure) {
  const auto user = account ? contact_user(account->account) : std::string{};
  const auto seen = account && account->seen_at ? account->seen_at->to_string() : std::string{};
  if (!seen.empty()) sent_by = seen;
  std::string uri = fmt::format("{}:{}{}{}", secure ? "sips" : "sip", user, user.empty() ? "" : "@", sent_by);
  if (transport == Transport::tcp) uri += ";transport=tcp";
  if (transport == Transport::tls && !secure) uri += ";transport=tls";
  return uri;
}

// RFC 5626 §4.3: "ob" asks that requests come back by this very flow. The instance is for the registrar only
// (§4.1): who calls need not know which desk that is.
void StackCore::add_contact(Message& message, const AccountState* account, const std::string& uri) {
  const bool by_flow = account && account->outbound_in_use;
  message.add(HeaderId::contact, fmt::format("<{}{}>", uri, by_flow ? ";ob" : ""));
}

std::string StackCore::contact_value(const AccountState* account, const std::string& uri) {
  std::string contact = fmt::format("<{}>", uri);
  if (account && !account->account.instance_urn.empty())  // RFC 5626 §4.1
    contact += fmt::format(";+sip.instance=\"<{}>\"", account->account.instance_urn);
  return contact;
}

Message StackCore::response(const Message& request, int status, std::string_view reason,
                            std::string_view to_tag) {
  auto response = Message::response(request, status, reason.empty() ? reason_phrase(status) : reason, to_tag);
  add_product(response);
  return response;
}

// RFC 3261 §11.2
void StackCore::answer_options(ServerTransactionId id, const Message& request, const AccountState* account,
                               const Flow& flow, Time now) {
  auto answer = response(request, 200, {}, random.token(12));
  add_contact(answer, account, flow);
  add_capabilities(answer);
  answer.add(HeaderId::accept, accepted_types);
  respond(id, std::move(answer), now);
}

void StackCore::refuse(const RequestReceived& request, int status, Time now,
                       std::vector<ExtraHeader> headers) {
  if (!request.id) return;  // an ACK
  auto answer = response(request.message, status, {}, random.token(12));
  add_headers(answer, headers);
  if (status == 405 || status == 501) answer.add(HeaderId::allow, allow);  // §8.2.1, RFC 4475 §3.1.1.2
  if (status == 415) answer.add(HeaderId::accept, accepted_types);         // §8.2.3
  respond(request.id, std::move(answer), now);
}

}  // namespace sidetone::sip
