// "T-Lib-Initiated Hold-Retrieve", with silence and with music on hold.
#include "labserver/flows/holding.h"

#include <utility>

#include "labserver/silence.h"

namespace sidetone::lab {

namespace {

constexpr int nobody_to_hold = 481;

Step<int> silence(FlowRun& f, sip::SessionId leg) {
  if (!f.alive(leg)) co_return nobody_to_hold;
  const Reply reply = co_await offered(f, leg, silenced(f.leg(leg)->told.last()));
  co_return reply.agreed() ? 0 : reply.status;
}

// Music, where it is configured and the media server plays it; silence otherwise.
Step<int> entertain(FlowRun& f, Call& call, sip::SessionId held) {
  if (!f.alive(held)) co_return nobody_to_hold;
  const sip::SessionId former = f.leg(held)->peer;
  if (f.settings().music_on_hold) {
    const auto music = co_await played(f, call, held, f.settings().treatments.music);
    if (music) co_return 0;
  }
  const int status = co_await silence(f, held);
  if (status == 0 && f.leg(held)->peer == former) f.part(held);
  co_return status;
}

// Delayed offer to one, because some phones change their port when they come back ("Hold-Retrieve").
Step<Reply> rejoin(FlowRun& f, sip::SessionId held, sip::SessionId holder) {
  const Reply offer = co_await offered(f, held, std::string());
  if (!offer.agreed() || !offer.needs_ack) co_return Reply{offer.agreed() ? 488 : offer.status, {}, false};
  co_return co_await connected(f, held, offer.sdp, holder);
}

// He is in the conference again. A mixer that wants offers gets the phone's.
Step<int> take_seat(FlowRun& f, Call& call, std::string dn, sip::SessionId seat) {
  const sip::SessionId holder = call.party(dn)->leg;
  if (!f.alive(seat) || !f.alive(holder)) co_return nobody_to_hold;
  const bool mixer_offers = !f.settings().conference_without_delayed_offer;
  const sip::SessionId asked = mixer_offers ? seat : holder, moved = mixer_offers ? holder : seat;
  const Reply answer = co_await rejoin(f, asked, moved);
  if (!answer.agreed()) co_return answer.status;
  if (Party* party = call.party(dn); party && party->state == PartyState::held) {
    party->seat = {};
    f.events().retrieved(call, dn, f.now());
  }
  f.ack(moved, {});
  co_return 0;
}

// The conference goes on without him: his place at the mixer is kept, and silent.
Step<int> leave_seat(FlowRun& f, Call& call, std::string dn, sip::SessionId seat) {
  const sip::SessionId holder = call.party(dn)->leg;
  int status = co_await silence(f, holder);
  // A plain refusal has changed nothing; whoever was stopped or stayed silent may have heard us.
  if (status != 0 && status != 408 && status != 487) co_return status;
  if (status == 0) status = co_await silence(f, seat);
  Party* party = call.party(dn);
  if (status != 0 || !party) {
    if (party) static_cast<void>(co_await take_seat(f, call, dn, seat));
    co_return status != 0 ? status : nobody_to_hold;
  }
  f.part(holder);
  party->seat = seat;
  f.events().held(call, dn, f.now());
  co_return 0;
}

// That others leave does not concern him and his mixer.
void watch_seat(FlowRun& f, Call& call, const std::string& dn, sip::SessionId seat) {
  for (const auto& party : call.parties)
    if (party.dn != dn) f.unwatch(party.leg);
  f.watch(seat);
}

// Of two who are left of a conference each may hold the other one as in any call, unless that one has left
// the mixer.
bool holds_at_mixer(Call& call, const std::string& dn) {
  const Party* other = call.other_party(dn);
  return !other || other->seat;
}

}  // namespace

sip::SessionId seat_of(FlowRun& f, Call& call, const std::string& dn) {
  const Party* party = call.party(dn);
  if (!party || party->seat) return party ? party->seat : sip::SessionId{};
  const Leg* own = f.leg(party->leg);
  const Leg* peer = own ? f.leg(own->peer) : nullptr;
  const bool is_mixer =
      peer && peer->media && peer->dn.starts_with(f.settings().treatments.conference_prefix);
  return is_mixer ? peer->session : sip::SessionId{};
}

Step<int> put_on_hold(FlowRun& f, Call& call, std::string dn, bool leave_holder) {
  const sip::SessionId seat = seat_of(f, call, dn);
  if (seat && holds_at_mixer(call, dn)) {
    if (leave_holder) co_return nobody_to_hold;
    watch_seat(f, call, dn, seat);
    co_return co_await leave_seat(f, call, dn, seat);
  }
  Party* other = call.other_party(dn);
  if (!other || !other->answered()) co_return nobody_to_hold;
  const sip::SessionId holder = call.party(dn)->leg;
  const sip::SessionId held = other->leg;
  if (leave_holder && !held) co_return nobody_to_hold;  // both dialogs lent: the call would have none
  // The other one holds already: nobody hears anybody.
  if (other->state != PartyState::held && held) {
    const int status = co_await entertain(f, call, held);
    if (status != 0) co_return status;
    if (!leave_holder) {
      const int failed = co_await silence(f, holder);
      if (failed != 0) {
        if (f.alive(held) && f.alive(holder)) {
          const Reply back = co_await rejoin(f, held, holder);
          f.ack(holder, {});
          static_cast<void>(back);
        }
        co_return failed;
      }
      f.part_from(holder, held);
      if (seat) f.part(holder);
    }
  }
  if (!call.party(dn)) co_return nobody_to_hold;
  f.events().held(call, dn, f.now());
  co_return 0;
}

Step<int> take_back(FlowRun& f, Call& call, std::string dn) {
  if (const Party* party = call.party(dn); party && party->seat) {
    const sip::SessionId seat = party->seat;
    watch_seat(f, call, dn, seat);
    co_return co_await take_seat(f, call, dn, seat);
  }
  Party* other = call.other_party(dn);
  if (!other) co_return nobody_to_hold;
  if (call.party(dn)->state != PartyState::held) co_return 0;  // the other one has held it
  const sip::SessionId holder = call.party(dn)->leg;
  const sip::SessionId held = other->leg;
  // The other one holds, too: it is for that one to come back.
  if (other->state == PartyState::held) {
    f.events().retrieved(call, dn, f.now());
    co_return 0;
  }
  if (!f.alive(held) || !f.alive(holder)) co_return nobody_to_hold;
  const bool had_music = f.leg(held)->peer && f.leg(f.leg(held)->peer)->media;
  const Reply answer = co_await rejoin(f, held, holder);
  if (!answer.agreed()) {
    // Whoever was silenced on the way hears music again.
    if (had_music && f.alive(held)) static_cast<void>(co_await entertain(f, call, held));
    co_return answer.status;
  }
  if (call.party(dn)) f.events().retrieved(call, dn, f.now());
  f.ack(holder, {});
  co_return 0;
}

void resume_phone(FlowRun& f, sip::SessionId session) {
  const Leg* leg = f.leg(session);
  if (leg && f.alive(session) && is_hold(leg->heard) && f.options(leg->dn).sip_cti_control.talk)
    static_cast<void>(f.notify(session, "talk"));
}

void return_leg(FlowRun& f, Call& from, Call& to) {
  Party* borrower = from.party(f.dn());
  Party* owner = to.party(f.dn());
  if (!borrower || !owner || owner->leg || !borrower->leg) return;
  const sip::SessionId leg = std::exchange(borrower->leg, sip::SessionId{});
  owner->leg = leg;
  f.part(leg);
  f.leg(leg)->lender = {};
  f.desk().board.move_leg(*f.leg(leg), to);
}

}  // namespace sidetone::lab
