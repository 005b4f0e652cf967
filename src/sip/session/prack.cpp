// Reliable provisional responses (RFC 3262), both sides.
#include <fmt/format.h>

#include <utility>

#include "sip/message/headers.h"
#include "sip/message/option_tags.h"
#include "sip/message/sdp_body.h"
#include "sip/session/invite_session.h"
#include "sip/session/reliable.h"

namespace sidetone::sip {
namespace {

std::optional<std::uint32_t> rseq_of(const Message& response) {
  const auto value = parse_delta(response.value(HeaderId::rseq), "RSeq");
  return value ? std::optional<std::uint32_t>(*value) : std::nullopt;
}

}  // namespace

bool is_reliable(const Message& response) {
  return response.status() > 100 && response.status() < 200 && response.lists(HeaderId::require, "100rel") &&
         rseq_of(response);
}

bool is_next_reliable(std::optional<std::uint32_t>& last, const Message& response) {
  const auto rseq = rseq_of(response);
  if (!rseq || (last && *rseq != *last + 1)) return false;
  last = rseq;
  return true;
}

// Its failure shows in the INVITE, where the callee gives up; only an offer in it has a fate of its own.
void InviteSession::send_prack(const std::shared_ptr<Dialog>& dialog, const Message& response,
                               std::string_view sdp, bool is_offer, Time now) {
  auto prack = dialog->request(Method::prack);
  prack.add(HeaderId::rack,
            fmt::format("{} {}", response.value(HeaderId::rseq), response.value(HeaderId::cseq)));
  if (!sdp.empty()) prack.set_body(sdp, "application/sdp");
  if (!sdp.empty()) local_sdp_ = sdp;
  if (!is_offer) {
    core_.send_in_dialog(dialog, std::move(prack), account_, [](const Outcome&, Time) {}, now);
    return;
  }
  core_.send_in_dialog(
      dialog, std::move(prack), account_,
      [weak = weak_from_this(), dialog, acknowledged = response](const Outcome& outcome, Time then) {
        const auto session = weak.lock();
        if (!session || !outcome.is_final()) return;
        // RFC 6337 §2.3: after a refusal the response itself still wants its PRACK.
        if (!outcome.is_success() && outcome.message && session->can_send_requests())
          session->send_prack(dialog, acknowledged, {}, false, then);
        session->on_update_response(dialog, outcome, then);
      },
      now);
}

Expected<void> InviteSession::prack(BranchId branch, std::string_view sdp, Time now) {
  const auto at = place(branch);
  if (!at || !at.offers->unpracked || state_ != State::calling)
    return wrong_state("no reliable response waits for a PRACK");
  auto& offers = *at.offers;
  if (offers.answer_owed && sdp.empty()) return wrong_state("the offer in the response needs an answer");
  const bool is_offer = !offers.answer_owed && !sdp.empty();
  // RFC 6337 §2.2, pattern 5
  if (is_offer && (!offers.settled || offers.offer_runs || offers.incoming))
    return wrong_state("an offer in a PRACK needs a first one that was answered");
  const auto response = std::exchange(offers.unpracked, nullptr);
  if (std::exchange(offers.answer_owed, false)) offers.settled = true;
  offers.offer_runs = offers.offer_runs || is_offer;
  send_prack(at.dialog, *response, sdp, is_offer, now);
  return {};
}

// --- as callee

// §3: the first one may start anywhere in 1..2^31-1; the next waits until this one is acknowledged.
void InviteSession::send_reliable(Message response, bool has_sdp, Time now) {
  // Bound: a caller that never sends PRACK must not make us keep more than a user could ever mean.
  constexpr std::size_t waiting_max = 16;
  if (reliable_waiting_.size() < waiting_max) reliable_waiting_.emplace_back(std::move(response), has_sdp);
  if (reliable_.acknowledged) send_next_reliable(now);
}

void InviteSession::send_next_reliable(Time now) {
  if (reliable_waiting_.empty()) return;
  auto [response, has_sdp] = std::move(reliable_waiting_.front());
  reliable_waiting_.pop_front();
  if (reliable_.rseq == 0) reliable_.rseq = static_cast<std::uint32_t>(core_.random.below(1U << 16));
  ++reliable_.rseq;
  reliable_.has_sdp = has_sdp;
  reliable_.acknowledged = false;
  response.add(HeaderId::require, "100rel");
  response.add(HeaderId::rseq, std::to_string(reliable_.rseq));
  core_.respond(first_.server, response, now);
  const auto shared = std::make_shared<const Message>(std::move(response));
  reliable_.repeater.start(
      core_.timers, {core_.settings.timers.t1, std::nullopt, core_.timer_h()},
      [this, shared](Time then) { core_.respond(first_.server, *shared, then); },
      [this](Time then) {
        // §3: after 64*T1 the INVITE is rejected with a 5xx.
        const auto keep = shared_from_this();
        core_.answered(first_.server);
        reply(first_.server, *first_.request, 504, then);
        finish(EndCause::timeout, 504, "no PRACK", nullptr, then);
      },
      now);
}

void InviteSession::on_prack(ServerTransactionId server, const MessagePtr& request,
                             const std::shared_ptr<Dialog>& dialog, Time now) {
  const auto rack = RAck::parse(request->value(HeaderId::rack));
  const bool matches = rack && first_.request && !reliable_.acknowledged && rack->rseq == reliable_.rseq &&
                       rack->cseq == cseq_of(*first_.request) && rack->method == Method::invite;
  if (!matches) return reply(server, *request, 481, now);
  const auto found = find_sdp(*request);
  if (!found) return reply(server, *request, 415, now, {{"Accept", std::string(accepted_types)}});
  const bool answers = reliable_.has_sdp && !first_.has_offer && !offers_.settled;  // to our offer
  const bool settles = reliable_.has_sdp || offers_.settled;
  // RFC 6337 §2.2: a PRACK may bring an offer once the first one has its answer. Otherwise it is refused like
  // one that cannot be accepted (§2.3), and the response still wants its PRACK.
  if (!found->empty() && !answers && (!settles || offers_.incoming || offers_.offer_runs))
    return reply(server, *request, 488, now);
  reliable_.acknowledged = true;
  reliable_.repeater.stop();
  offers_.settled = settles;
  std::string sdp(*found);
  if (!sdp.empty() && !answers && state_ == State::incoming) {
    raise_offer(server, request, std::move(sdp), place_of(dialog));  // §5: its 200 will hold the answer
  } else {
    reply(server, *request, 200, now);
    if (answers) core_.emit(OfferConfirmed{id_, std::move(sdp), branch_});
  }
  if (state_ != State::incoming) return;
  if (!reliable_waiting_.empty()) return send_next_reliable(now);
  accept_when_possible(now);
}

}  // namespace sidetone::sip
