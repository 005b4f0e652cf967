// RFC 5359: services that need REFER, Replaces, Join or the dialog package: music on hold, transfers,
// joining, park, pickup, automatic redial, click to dial. All parties are stacks of ours; what a person or a
// server decides, the fixture does.
#include <gmock/gmock.h>

#include "flow_scenario.h"
#include "sip/message/replaces.h"
#include "sip/subscription/dialog_info.h"

namespace sidetone::test {
namespace {

using namespace sip;
using ::testing::ElementsAreArray;

class Rfc5359Transfer : public FlowScenario {
 protected:
  struct Party {
    Node* node = nullptr;
    AccountId line;
    std::string sdp;
    bool answers = true;
    std::map<SessionId, SubscriptionId> referred;  // calls that somebody asked for
    std::vector<SubscriptionId> watchers;          // of the dialog package
  };

  // A phone that others reach directly.
  Party& party(const std::string& name, std::string_view address, const std::string& sdp) {
    StackSettings settings;
    settings.guard.accept_from = AcceptFrom::anyone;
    settings.event_packages = {std::string(dialog_package)};
    auto& node = wire.add(name, fmt::format("{}:5060", address), settings);
    Account account;
    account.uri = fmt::format("sip:{}@{}", name, address);
    account.contact_user = name;
    auto& added = *parties_.emplace_back(std::make_unique<Party>());
    added.node = &node;
    added.sdp = sdp;
    added.line = node.stack.add_account(account, wire.now());
    node.on_event = [this, &added](const Event& event) {
      std::visit([&](const auto& value) { react(added, value); }, event);
    };
    return added;
  }

  static std::string uri(const Party& party) { return party.node->uri(party.node->name); }

  SessionId call(Party& from, const std::string& target, std::optional<ReplacedDialog> replaces = {},
                 std::vector<ExtraHeader> headers = {}) {
    Invite invite;
    invite.account = from.line;
    invite.target = target;
    invite.sdp = from.sdp;
    invite.replaces = std::move(replaces);
    invite.headers = std::move(headers);
    const auto session = from.node->stack.invite(std::move(invite), wire.now());
    EXPECT_TRUE(session) << (session ? "" : session.error().text);
    return session ? *session : SessionId{};
  }
  SessionId connect(Party& from, Party& to) {
    const auto session = call(from, uri(to));
    const auto before = to.node->count<Confirmed>();
    EXPECT_TRUE(wire.run_until([&] { return to.node->count<Confirmed>() == before + 1; })) << wire.ladder();
    return session;
  }
  void hold(Party& by, SessionId session, Party& whom) {
    const auto before = whom.node->count<OfferConfirmed>();
    ASSERT_TRUE(by.node->stack.offer(session, by.sdp + "a=sendonly\r\n", wire.now()));
    ASSERT_TRUE(wire.run_until([&] { return whom.node->count<OfferConfirmed>() == before + 1; }));
  }
  // The dialog of `session`, as an INVITE that reaches `at` must name it.
  static ReplacedDialog dialog_at(const Party& at, SessionId session) {
    const auto dialog = at.node->dialog(session);
    return {dialog.call_id, dialog.local_tag, dialog.remote_tag, false};
  }
  // ... and as a Refer-To carries it (RFC 3891 §4).
  static std::string refer_to(const Party& whom, const ReplacedDialog& replaced) {
    ReferTo target;
    target.uri = uri(whom);
    target.replaces =
        fmt::format("{};to-tag={};from-tag={}", replaced.call_id, replaced.to_tag, replaced.from_tag);
    return target.to_uri();
  }
  SubscriptionId refer(Party& from, Refer wish) {
    wish.referred_by = uri(from);
    if (!wish.session) wish.account = from.line;
    const auto id = from.node->stack.refer(std::move(wish), wire.now());
    EXPECT_TRUE(id) << (id ? "" : id.error().text);
    return id ? *id : SubscriptionId{};
  }
  bool told(const Party& party, int status) {
    return wire.run_until([&] {
      const auto* progress = party.node->find_last<ReferProgress>();
      return progress && progress->finished && progress->status == status;
    });
  }
  bool is_over(const Party& party, std::size_t calls = 1) {
    return wire.run_until([&] { return party.node->count<SessionEnded>() == calls; });
  }
  void expect_up(const Party& party, SessionId session) {
    const auto facts = party.node->stack.dialog(session);
    EXPECT_TRUE(facts && facts->confirmed) << party.node->name << "\n" << wire.ladder();
  }
  void end(Party& by, SessionId session) { ASSERT_TRUE(by.node->stack.end(session, {}, wire.now())); }
  static SessionId last_call(const Party& party) { return incoming(*party.node); }

  // --- the dialog package (RFC 4235)
  SubscriptionId watch(Party& watcher, const Party& watched) {
    Subscribe wish;
    wish.account = watcher.line;
    wish.target = uri(watched);
    wish.event = dialog_package;
    wish.expires = seconds(600);
    const auto id = watcher.node->stack.subscribe(std::move(wish), wire.now());
    EXPECT_TRUE(id) << (id ? "" : id.error().text);
    return id ? *id : SubscriptionId{};
  }
  void tell(Party& watched, SubscriptionId watcher) {
    DialogInfo info;
    info.version = version_++;
    info.entity = uri(watched);
    for (std::uint64_t i = 1; i <= 16; ++i) {
      const auto facts = watched.node->stack.dialog(SessionId{i});
      if (!facts) continue;
      WatchedDialog dialog;
      dialog.id = std::to_string(i);
      dialog.call_id = facts->call_id;
      dialog.local_tag = facts->local_tag;
      dialog.remote_tag = facts->remote_tag;
      dialog.state = facts->confirmed ? WatchedState::confirmed : WatchedState::early;
      dialog.remote.target = facts->remote_target;
      info.dialogs.push_back(std::move(dialog));
    }
    Notify notify;
    notify.body = write_dialog_info(info);
    notify.content_type = dialog_info_type;
    EXPECT_TRUE(watched.node->stack.notify(watcher, std::move(notify), wire.now()));
  }
  // The one dialog that the last notification shows.
  static WatchedDialog shown(const Party& watcher) {
    const auto info = read_dialog_info(watcher.node->last<NotificationReceived>()->body);
    if (!info || info->dialogs.size() != 1) throw Missing("not one dialog is shown");
    return info->dialogs.front();
  }

 private:
  template <typename T>
  void react(Party&, const T&) {}
  void react(Party& party, const IncomingInvite& invite) {
    auto& stack = party.node->stack;
    EXPECT_TRUE(stack.provisional(invite.session, {}, wire.now()));
    if (party.answers || invite.replaces)
      EXPECT_TRUE(stack.accept(invite.session, party.sdp, {}, wire.now()));
  }
  void react(Party& party, const OfferReceived& offer) {
    EXPECT_TRUE(party.node->stack.answer_offer(offer.session, party.sdp, wire.now()));
  }
  void react(Party& party, const IncomingRefer& refer) {
    const auto id = party.node->stack.accept_refer(refer.id, wire.now());
    ASSERT_TRUE(id) << id.error().text;
    std::optional<ReplacedDialog> replaced;
    if (const auto named = Replaces::parse(refer.refer_to.replaces);
        named && !refer.refer_to.replaces.empty())
      replaced = ReplacedDialog{std::string(named->call_id), std::string(named->to_tag),
                                std::string(named->from_tag), named->early_only};
    const auto session = call(party, refer.refer_to.uri, replaced, {{"Referred-By", refer.referred_by}});
    if (*id) party.referred.emplace(session, *id);
  }
  void react(Party& party, const Accepted& event) { report(party, event.session, 200); }
  void react(Party& party, const SessionEnded& event) { report(party, event.session, event.status); }
  void report(Party& party, SessionId session, int status) {
    const auto at = party.referred.find(session);
    if (at == party.referred.end()) return;
    // The one who asked may have gone meanwhile.
    static_cast<void>(
        party.node->stack.notify_refer(at->second, status < 200 ? 503 : status, "", wire.now()));
    party.referred.erase(at);
  }
  void react(Party& party, const IncomingSubscribe& subscribe) {
    const auto id = party.node->stack.accept_subscription(subscribe.id, seconds(600), false, wire.now());
    ASSERT_TRUE(id) << id.error().text;
    party.watchers.push_back(*id);
    tell(party, *id);
  }
  void react(Party& party, const NotifyDue& due) { tell(party, due.id); }

  std::vector<std::unique_ptr<Party>> parties_;
  std::uint32_t version_ = 0;

 protected:
  Party& alice = party("alice", "10.0.0.1", sdp_a);
  Party& bob = party("bob", "10.0.0.2", sdp_b);
  Party& carol = party("carol", "10.0.0.3", sdp_c);
};

SCENARIO(Rfc5359Transfer, music_on_hold) {  // §2.3: a music server takes Bob's place, and Bob takes it back
  auto& music = party("music", "10.0.0.4", sdp_c);
  connect(alice, bob);
  const auto at_bob = last_call(bob);
  const auto at_alice = alice.node->last<Accepted>()->session;
  hold(bob, at_bob, alice);
  Refer wish;
  wish.target = uri(music);
  wish.refer_to = refer_to(alice, dialog_at(alice, at_alice));
  refer(bob, wish);
  ASSERT_TRUE(is_over(bob)) << wire.ladder();
  EXPECT_EQ(bob.node->last<SessionEnded>()->session, at_bob);
  ASSERT_TRUE(told(bob, 200)) << wire.ladder();
  const auto with_music = last_call(alice);
  expect_up(alice, with_music);
  EXPECT_EQ(alice.node->last<IncomingInvite>()->request->value(HeaderId::referred_by),
            fmt::format("<{}>", uri(bob)));
  const auto again = call(bob, uri(alice), dialog_at(alice, with_music));
  ASSERT_TRUE(is_over(music)) << wire.ladder();
  expect_up(bob, again);
  end(bob, again);
  finish();
}

SCENARIO(Rfc5359Transfer, unattended) {  // §2.4: Alice sends Bob to Carol and goes
  const auto at_bob = connect(bob, alice);
  forget_flow();
  Refer wish;
  wish.session = last_call(alice);
  wish.refer_to = uri(carol);
  refer(alice, wish);
  ASSERT_TRUE(wire.run_until([&] { return alice.node->count<ReferProgress>() >= 2; }));
  end(alice, last_call(alice));
  // The dialog outlives the call: the NOTIFY with the outcome still comes in it (RFC 5057).
  ASSERT_TRUE(told(alice, 200)) << wire.ladder();
  ASSERT_TRUE(is_over(bob));
  EXPECT_EQ(bob.node->last<SessionEnded>()->session, at_bob);
  EXPECT_EQ(carol.node->last<IncomingInvite>()->request->value(HeaderId::referred_by),
            fmt::format("<{}>", uri(alice)));
  expect_up(carol, last_call(carol));
  end(carol, last_call(carol));
  finish();
  const auto steps = flow_since();
  for (const auto* step :
       {"alice>bob REFER", "bob>alice 202", "bob>alice NOTIFY", "alice>bob 200", "bob>carol INVITE",
        "carol>bob 180", "carol>bob 200", "bob>carol ACK", "alice>bob BYE", "bob>alice 200"})
    EXPECT_THAT(steps, ::testing::Contains(step));
}

SCENARIO(Rfc5359Transfer, unattended_that_fails) {  // §2.4: "Bob can send a new INVITE back to Alice"
  connect(bob, alice);
  carol.node->on_event = [this](const Event& event) {
    if (const auto* invite = std::get_if<IncomingInvite>(&event))
      EXPECT_TRUE(carol.node->stack.reject(invite->session, {486, "", {}, "", ""}, wire.now()));
  };
  Refer wish;
  wish.session = last_call(alice);
  wish.refer_to = uri(carol);
  refer(alice, wish);
  ASSERT_TRUE(told(alice, 486)) << wire.ladder();
  expect_up(alice, last_call(alice));  // nobody hung up yet
  end(alice, last_call(alice));
  finish();
}

SCENARIO(Rfc5359Transfer, attended) {  // §2.5: Bob speaks to Carol first; Alice then takes his place there
  connect(alice, bob);
  const auto with_alice = last_call(bob);
  hold(bob, with_alice, alice);
  const auto with_carol = connect(bob, carol);
  const auto at_carol = last_call(carol);
  hold(bob, with_carol, carol);
  Refer wish;
  wish.session = with_alice;
  wish.refer_to = refer_to(carol, dialog_at(carol, at_carol));
  refer(bob, wish);
  ASSERT_TRUE(told(bob, 200)) << wire.ladder();
  ASSERT_TRUE(is_over(bob));  // Carol's BYE: her call was replaced
  EXPECT_EQ(bob.node->last<SessionEnded>()->session, with_carol);
  EXPECT_EQ(carol.node->last<SessionEnded>()->cause, EndCause::replaced);
  end(bob, with_alice);
  ASSERT_TRUE(is_over(bob, 2));
  expect_up(carol, last_call(carol));
  EXPECT_NE(last_call(carol), at_carol);
  end(carol, last_call(carol));
  finish();
}

SCENARIO(Rfc5359Transfer, by_instant_message) {  // §2.6: Carol gets Alice's URI with Replaces, and clicks
  connect(alice, bob);
  const auto at_alice = alice.node->last<Accepted>()->session;
  OutgoingRequest message;
  message.account = bob.line;
  message.method = Method::message;
  message.target = uri(carol);
  message.body = refer_to(alice, dialog_at(alice, at_alice));
  message.content_type = "text/plain";
  ASSERT_TRUE(bob.node->stack.request(message, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return carol.node->count<IncomingRequest>() == 1; }));
  const auto* received = carol.node->last<IncomingRequest>();
  ASSERT_TRUE(carol.node->stack.respond(received->id, {200, "", {}, "", ""}, wire.now()));
  const auto link = ReferTo::parse(fmt::format("<{}>", received->request->body()));
  ASSERT_TRUE(link);
  const auto named = Replaces::parse(link->replaces);
  ASSERT_TRUE(named);
  const auto taken = call(carol, link->uri,
                          ReplacedDialog{std::string(named->call_id), std::string(named->to_tag),
                                         std::string(named->from_tag), false});
  ASSERT_TRUE(is_over(bob)) << wire.ladder();
  EXPECT_EQ(bob.node->last<SessionEnded>()->cause, EndCause::bye_received);
  expect_up(carol, taken);
  end(carol, taken);
  finish();
}

SCENARIO(Rfc5359Transfer, third_party_joins) {  // §2.11: Bob, who can mix, is told which call is meant
  connect(alice, bob);
  const auto with_alice = last_call(bob);
  const auto at_bob = dialog_at(bob, with_alice);
  const auto joining = call(
      carol, uri(bob), {},
      {{"Join", fmt::format("{};to-tag={};from-tag={}", at_bob.call_id, at_bob.to_tag, at_bob.from_tag)}});
  ASSERT_TRUE(wire.run_until([&] { return bob.node->count<Confirmed>() == 2; })) << wire.ladder();
  EXPECT_EQ(bob.node->last<IncomingInvite>()->join, with_alice);
  EXPECT_FALSE(bob.node->last<IncomingInvite>()->replaces);
  expect_up(bob, with_alice);
  expect_up(carol, joining);
  end(bob, with_alice);
  end(carol, joining);
  finish();
}

SCENARIO(Rfc5359Transfer, call_park) {  // §2.15
  auto& park = party("park", "10.0.0.4", sdp_c);
  connect(alice, bob);
  Refer wish;
  wish.target = uri(park);
  wish.refer_to = refer_to(alice, dialog_at(alice, alice.node->last<Accepted>()->session));
  refer(bob, wish);
  ASSERT_TRUE(told(bob, 200)) << wire.ladder();
  ASSERT_TRUE(is_over(bob));
  const auto subscription = watch(carol, park);
  ASSERT_TRUE(wire.run_until([&] { return carol.node->count<NotificationReceived>() == 1; }))
      << wire.ladder();
  const auto parked = shown(carol);
  EXPECT_EQ(parked.state, WatchedState::confirmed);
  // The park server's peer is Alice: her own tag is its remote one.
  const auto picked =
      call(carol, uri(alice), ReplacedDialog{parked.call_id, parked.remote_tag, parked.local_tag, false});
  ASSERT_TRUE(is_over(park)) << wire.ladder();
  expect_up(carol, picked);
  ASSERT_TRUE(carol.node->stack.unsubscribe(subscription, wire.now()));
  end(carol, picked);
  finish();
}

SCENARIO(Rfc5359Transfer, call_pickup) {  // §2.16: Carol takes the call that rings at Bob
  bob.answers = false;
  const auto ringing = call(alice, uri(bob));
  ASSERT_TRUE(wire.run_until([&] {
    const auto* heard = alice.node->find_last<ProvisionalReceived>();
    return heard && heard->status == 180;
  }));
  const auto subscription = watch(carol, bob);
  ASSERT_TRUE(wire.run_until([&] { return carol.node->count<NotificationReceived>() == 1; }))
      << wire.ladder();
  const auto early = shown(carol);
  EXPECT_EQ(early.state, WatchedState::early);
  const auto picked =
      call(carol, uri(alice), ReplacedDialog{early.call_id, early.remote_tag, early.local_tag, true});
  ASSERT_TRUE(is_over(bob)) << wire.ladder();
  EXPECT_EQ(bob.node->last<SessionEnded>()->cause, EndCause::cancelled_by_peer);
  EXPECT_EQ(alice.node->last<SessionEnded>()->session, ringing);
  EXPECT_EQ(alice.node->last<SessionEnded>()->cause, EndCause::replaced);
  EXPECT_EQ(wire.count("CANCEL"), 1U);
  ASSERT_TRUE(wire.run_until([&] { return alice.node->count<Confirmed>() == 1; }));
  expect_up(carol, picked);
  ASSERT_TRUE(carol.node->stack.unsubscribe(subscription, wire.now()));
  end(alice, last_call(alice));
  finish();
}

SCENARIO(Rfc5359Transfer, automatic_redial) {  // §2.17: busy, watched, free, called again
  connect(carol, bob);
  const auto refuse = [this](const Event& event) {
    if (const auto* invite = std::get_if<IncomingInvite>(&event))
      EXPECT_TRUE(bob.node->stack.reject(invite->session, {486, "", {}, "", ""}, wire.now()));
  };
  const auto as_before = std::exchange(bob.node->on_event, refuse);
  const auto busy_with = last_call(bob);
  call(alice, uri(bob));
  ASSERT_TRUE(is_over(alice));
  EXPECT_EQ(alice.node->last<SessionEnded>()->status, 486);
  bob.node->on_event = as_before;
  const auto subscription = watch(alice, bob);
  ASSERT_TRUE(wire.run_until([&] { return alice.node->count<NotificationReceived>() == 1; }))
      << wire.ladder();
  EXPECT_EQ(shown(alice).state, WatchedState::confirmed);
  end(bob, busy_with);
  ASSERT_TRUE(is_over(bob, 2));
  tell(bob, bob.watchers.at(0));
  ASSERT_TRUE(wire.run_until([&] { return alice.node->count<NotificationReceived>() == 2; }))
      << wire.ladder();
  const auto now_free = read_dialog_info(alice.node->last<NotificationReceived>()->body);
  ASSERT_TRUE(now_free);
  EXPECT_TRUE(now_free->dialogs.empty());
  const auto again = connect(alice, bob);
  ASSERT_TRUE(alice.node->stack.unsubscribe(subscription, wire.now()));
  expect_up(alice, again);
  end(alice, again);
  finish();
}

SCENARIO(Rfc5359Transfer, click_to_dial) {  // §2.18: no notifications are wanted (RFC 4488)
  auto& pc = party("pc", "10.0.0.4", sdp_a);
  Refer wish;
  wish.target = uri(bob);
  wish.refer_to = uri(carol);
  wish.notifications = false;
  refer(pc, wish);
  ASSERT_TRUE(wire.run_until([&] { return carol.node->count<Confirmed>() == 1; })) << wire.ladder();
  EXPECT_EQ(wire.last("REFER")->message().value(HeaderId::refer_sub), "false");
  end(carol, last_call(carol));
  finish();
  EXPECT_EQ(wire.count("NOTIFY"), 0U) << wire.ladder();
  EXPECT_THAT(flow(), ElementsAreArray({"pc>bob REFER", "bob>pc 202", "bob>carol INVITE", "carol>bob 180",
                                        "carol>bob 200", "bob>carol ACK", "carol>bob BYE", "bob>carol 200"}));
}

}  // namespace
}  // namespace sidetone::test
