// A call that is sent elsewhere (RFC 3261 §8.1.3.4), or once more with another wish.
#include <fmt/format.h>

#include "base/text.h"
#include "sip/dialog/next_hop.h"
#include "sip/message/uri.h"
#include "sip/session/invite_session.h"
#include "sip/transport/via_text.h"

namespace sidetone::sip {

// A new request with the same Call-ID, From and To (§8.1.3.4; RFC 4028 §7.3).
void InviteSession::send_again(Message invite, NextHop hop, Time now) {
  const auto cseq = cseq_of(invite) + 1;
  invite.set(HeaderId::cseq, fmt::format("{} INVITE", cseq));
  // Made for another Request-URI and body; what is known of the realm is added when it is sent.
  invite.remove(HeaderId::authorization);
  invite.remove(HeaderId::proxy_authorization);
  hop_ = hop;
  client_ = InviteClient::send(
      core_, weak_from_this(), nullptr, std::move(invite), std::move(hop), account_,
      [next = cseq]() mutable { return ++next; }, now);
  watch_progress(now);
}

// The early dialogs of an INVITE end with its final response (§12.3).
void InviteSession::forget_early_dialogs(Time now) {
  for (auto& early : early_.all()) {
    drop_offer(early.offers, 487, now);
    unindex(early.dialog->key());
  }
  early_ = {};
}

// A place in the line's own domain is its server's to find. Another one, be it another port of the server's
// machine, is asked itself, as RFC 3665 §3.6 has it: the server has just said that it will not go on. What a
// TLS line says is never said in clear.
std::optional<NextHop> InviteSession::hop_to(const RedirectStep& step) const {
  const auto uri = Uri::parse(step.target.uri);
  auto place = next_hop_of(step.target.uri);
  const bool has_server = !wishes_.own_hop && account_ && account_->account.server;
  if (!uri || !has_server) return place;
  const auto& server = *account_->account.server;
  const auto own = Uri::parse(account_->account.uri);
  const bool other_port = place && place->port != 0 &&
                          place->port != (server.port != 0 ? server.port : default_port(server.transport));
  const bool at_home =
      place && !other_port && (iequals(place->host, server.host) || (own && iequals(uri->host, own->host)));
  const bool names_transport = !uri->transport().empty() || uri->scheme == Uri::Scheme::sips;
  if (place && !names_transport) place->transport = server.transport;
  const bool in_clear = server.transport == Transport::tls && place && place->transport != Transport::tls;
  if (!place || in_clear || (at_home && !step.is_proxy)) return server;
  if (!names_transport) place->any_transport = false;
  if (place->transport == Transport::udp) place->socket = server.socket;
  return place;
}

// The next place that can be reached at all; a secure one only by TLS (RFC 3261 §26.2.2).
std::optional<std::pair<RedirectStep, NextHop>> InviteSession::next_place() {
  while (auto step = redirection_.next()) {
    const auto hop = hop_to(*step);
    if (hop && (!is_sips(step->target.uri) || hop->transport == Transport::tls))
      return std::pair(std::move(*step), *hop);
  }
  return std::nullopt;
}

bool InviteSession::redirect(const Outcome& outcome, Time now) {
  const auto* last = client_->request();
  if (!last || core_.settings.redirects_max == 0 || outcome.status >= 600) return false;
  if (outcome.message) redirection_.add(*outcome.message, last->request_uri(), core_.settings.redirects_max);
  auto place = next_place();
  if (!place) return false;
  auto& [step, hop] = *place;
  auto& [target, is_proxy] = step;
  const auto uri = Uri::parse(target.uri);
  Message invite = *last;
  if (is_proxy) {
    // §21.3.4: the same request through the proxy that the Contact names.
    invite.set(HeaderId::route, fmt::format("<{}{}>", target.uri, uri->is_loose_route() ? "" : ";lr"));
  } else {
    invite.set_request_uri(target.uri);
    invite.remove(HeaderId::contact);
    core_.add_contact(invite, account_.get(), hop, is_sips(target.uri));
  }
  for (const auto& [name, value] : target.headers) invite.add(name, value);
  forget_early_dialogs(now);
  core_.emit(Redirected{id_, outcome.status, target.uri, outcome.message});
  send_again(std::move(invite), std::move(hop), now);
  return true;
}

}  // namespace sidetone::sip
