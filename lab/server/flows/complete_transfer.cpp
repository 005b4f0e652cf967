// CompleteTransfer by re-INVITE ("Consult Transfer re-INVITE"): the held party makes an offer, the consulted
// one answers it, and both dialogs of the agent end. The consulted party joins the main call.
#include "labserver/flows/flows.h"
#include "labserver/flows/merging.h"

namespace sidetone::lab {

Flow complete_transfer(FlowRun& f) {
  Call& main = f.call();
  Call& consulted = f.other_call();
  const bool ready = co_await settled(f, main) && co_await settled(f, consulted);
  const Party* held = ready ? main.other_party(f.dn()) : nullptr;
  const Party* target = ready ? consulted.other_party(f.dn()) : nullptr;
  if (!held || !target || !target->answered()) {
    phone_refused(f, 481);
    co_return;
  }
  const sip::SessionId held_leg = held->leg, target_leg = target->leg;
  const std::string held_dn = held->dn, target_dn = target->dn;
  const Reply offer = co_await offered(f, held_leg, std::string());
  if (!offer.agreed() || !offer.needs_ack) {
    phone_refused(f, offer.agreed() ? 488 : offer.status);
    co_return;
  }
  if (const Leg* joins = f.leg(target_leg)) f.desk().board.name_call(*joins, main);
  const Reply answer = co_await connected(f, held_leg, offer.sdp, target_leg);
  if (!answer.agreed()) {
    if (const Leg* stays = f.leg(target_leg)) f.desk().board.name_call(*stays, consulted);
    phone_refused(f, answer.status);
    co_return;
  }
  f.drop(consulted, f.dn());
  f.drop(main, f.dn());
  move_party(f, consulted, target_dn, main);
  f.events().party_changed(main, held_dn, target_dn, f.now());
  f.events().party_changed(main, target_dn, held_dn, f.now(), consulted.conn_id);
  f.ack(target_leg, {});
  f.succeed();
}

}  // namespace sidetone::lab
