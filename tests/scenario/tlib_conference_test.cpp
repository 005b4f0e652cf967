// "3-Way Conf Central Mixing", both ways in which a mixer is asked.
#include "tlib_calls.h"

namespace sidetone::test {
namespace {

class TlibConference : public TlibCalls {
 protected:
  explicit TlibConference(ServerSettings settings = {}) : TlibCalls(std::move(settings)) {}
  ScriptPhone& m = media();
  std::uint64_t confer() {
    consult(RequestName::initiate_conference);
    mark();
    return ask(RequestName::complete_conference, "7402");
  }
  void expect_all_speak_at_the_mixer(std::size_t parties) {
    EXPECT_EQ(m.up.size(), parties);
    for (const auto leg : m.up) EXPECT_NE(m.speaks_to(leg), "-");
  }
  void expect_conference() {
    for (const auto* phone : {&a, &b, &c}) EXPECT_EQ(phone->speaks_to(), m.ip()) << phone->node.name;
    ASSERT_EQ(m.up.size(), 3U);
    std::vector<std::string> heard;
    for (const auto session : m.up) heard.push_back(m.speaks_to(session));
    std::sort(heard.begin(), heard.end());
    EXPECT_EQ(heard, (std::vector<std::string>{a.ip(), b.ip(), c.ip()}));
    std::vector<std::string> rooms;
    for (const auto& invite : m.invites) rooms.push_back(lab::dn_of_uri(invite->request_uri()));
    rooms.erase(std::unique(rooms.begin(), rooms.end()), rooms.end());
    EXPECT_TRUE(rooms.back().starts_with("7190")) << rooms.back();
    EXPECT_EQ(
        std::count_if(rooms.begin(), rooms.end(), [](const auto& dn) { return dn.starts_with("7190"); }), 1)
        << "one number for all of them";
  }
};

SCENARIO(TlibConference, delayed_offers) {  // the ladder, steps 25 to 60
  expect_done(confer());
  expect_order({"7402 < BYE", "EventReleased (7402,7403)", "7401 < INVITE", "7401 > 200 INVITE sdp",
                "7402 < INVITE sdp", "7402 > 200 INVITE sdp", "7401 < ACK sdp", "EventRetrieved (7402,7401)",
                "7402 < ACK"});
  expect_order({"media < INVITE", "media > 180 INVITE", "media > 200 INVITE sdp", "7401 < INVITE sdp",
                "7401 > 200 INVITE sdp", "media < ACK sdp", "7401 < ACK", "7402 < INVITE sdp",
                "7402 > 200 INVITE sdp", "media < ACK sdp", "7402 < ACK", "7403 < INVITE sdp",
                "7403 > 200 INVITE sdp", "media < ACK sdp", "7403 < ACK", "EventPartyChanged (7403,-)",
                "EventPartyAdded (7401,7403)", "EventPartyAdded (7402,7403)", "EventReleased (-,-)"});
  EXPECT_EQ(count("media < INVITE"), 3U);
  expect_conference();
  expect_uuid({&a, &b, &c});
  EXPECT_EQ(b.up.size(), 1U);
  hang_up_all();
}

// The party that was asked passes the consult call on to the very party that is held.
SCENARIO(TlibConference, the_consulted_party_is_the_held_one) {
  consult(RequestName::initiate_conference);
  expect_done(ask(RequestName::single_step_transfer, "7403", "7401"));
  const auto wish = ask(RequestName::complete_conference, "7402");
  run(seconds(1));
  expect_error(wish, ErrorCode::wrong_state);
  hang_up_all();
}

SCENARIO(TlibConference, one_leaves_and_then_another) {
  expect_done(confer());
  mark();
  expect_done(ask(RequestName::release_call, "7403"));
  expect_order(
      {"7403 < BYE", "EventReleased (7403,-)", "EventOnHook (7403,-)", "EventPartyDeleted (7401,7403)"});
  expect_order({"EventPartyDeleted (7402,7403)"});
  EXPECT_EQ(m.up.size(), 2U);
  EXPECT_EQ(a.speaks_to(), m.ip());
  b.hang_up();
  run(seconds(1));
  expect_order({"EventReleased (7402,7401)", "EventReleased (7401,7402)"});
  EXPECT_TRUE(m.up.empty());
  expect_all_over();
}

SCENARIO(TlibConference, cleared) {
  expect_done(confer());
  expect_done(ask(RequestName::clear_call, "7402"));
  expect_all_over();
}

SCENARIO(TlibConference, the_mixer_refuses_and_all_is_as_before) {
  consult(RequestName::initiate_conference);
  m.refuse_with = 503;
  mark();
  const auto request = ask(RequestName::complete_conference, "7402");
  run(seconds(1));
  expect_error(request, ErrorCode::mixer_failed, 503);
  for (const auto* line : {"7401 < INVITE", "7401 < INVITE sdp", "7402 < INVITE sdp", "7402 < BYE",
                           "7403 < INVITE sdp", "7403 < BYE"})
    expect_none(line);
  EXPECT_EQ(a.speaks_to(), "-");
  EXPECT_EQ(c.speaks_to(), b.ip());
  m.refuse_with = 0;
  expect_done(ask(RequestName::complete_conference, "7402"));
  expect_conference();
  hang_up_all();
}

SCENARIO(TlibConference, the_added_party_refuses_and_the_main_call_is_kept) {
  consult(RequestName::initiate_conference);
  c.refuse_offers_with = 488;
  const auto request = ask(RequestName::complete_conference, "7402");
  run(seconds(2));
  expect_error(request, ErrorCode::phone_failed, 488);
  EXPECT_EQ(a.speaks_to(), b.ip());
  EXPECT_EQ(b.speaks_to(), a.ip());
  EXPECT_TRUE(c.up.empty());
  EXPECT_TRUE(m.up.empty());
  hang_up_all();
}

SCENARIO(TlibConference, one_holds_and_comes_back) {
  expect_done(confer());
  mark();
  expect_done(ask(RequestName::hold_call, "7402"));
  expect_order({"7402 < INVITE sdp", "7402 > 200 INVITE sdp", "media < INVITE sdp", "media > 200 INVITE sdp",
                "EventHeld (7402,-)"});
  for (const auto* line : {"7401 < INVITE sdp", "7403 < INVITE sdp"}) expect_none(line);
  EXPECT_EQ(b.speaks_to(), "-");
  EXPECT_EQ(a.speaks_to(), m.ip());
  EXPECT_EQ(c.speaks_to(), m.ip());
  ASSERT_EQ(m.up.size(), 3U);
  EXPECT_EQ(std::count_if(m.up.begin(), m.up.end(), [&](auto leg) { return m.speaks_to(leg) == "-"; }), 1)
      << "his place is kept";
  expect_error(ask(RequestName::hold_call, "7402"), ErrorCode::wrong_state);
  b.offer(b.up.back());
  run(seconds(1));
  EXPECT_EQ(b.speaks_to(), "-") << "nor does an offer of his phone bring him back";
  mark();
  expect_done(ask(RequestName::retrieve_call, "7402"));
  expect_order({"media < INVITE", "media > 200 INVITE sdp", "7402 < INVITE sdp", "7402 > 200 INVITE sdp",
                "media < ACK sdp", "EventRetrieved (7402,-)", "7402 < ACK"});
  expect_conference();
  hang_up_all();
}

SCENARIO(TlibConference, one_holds_and_leaves) {
  expect_done(confer());
  expect_done(ask(RequestName::hold_call, "7402"));
  mark();
  b.hang_up();
  run(seconds(1));
  expect_order({"EventReleased (7402,-)", "EventPartyDeleted (7401,7402)", "EventPartyDeleted (7403,7402)"});
  EXPECT_EQ(m.up.size(), 2U) << "his place goes with him";
  EXPECT_EQ(a.speaks_to(), m.ip());
  expect_done(ask(RequestName::hold_call, "7401"));
  EXPECT_EQ(a.speaks_to(), "-");
  EXPECT_EQ(c.speaks_to(), "-");
  expect_done(ask(RequestName::retrieve_call, "7401"));
  EXPECT_EQ(a.speaks_to(), c.ip()) << "two need no mixer";
  EXPECT_EQ(c.speaks_to(), a.ip());
  EXPECT_TRUE(m.up.empty());
  hang_up_all();
}

SCENARIO(TlibConference, one_holds_while_another_leaves) {
  expect_done(confer());
  expect_done(ask(RequestName::hold_call, "7402"));
  c.hang_up();
  run(seconds(1));
  expect_done(ask(RequestName::hold_call, "7401"));
  EXPECT_EQ(a.speaks_to(), "-");
  expect_done(ask(RequestName::retrieve_call, "7402"));
  EXPECT_EQ(b.speaks_to(), m.ip());
  EXPECT_EQ(a.speaks_to(), "-") << "7401 holds still";
  expect_done(ask(RequestName::retrieve_call, "7401"));
  EXPECT_EQ(a.speaks_to(), m.ip());
  expect_all_speak_at_the_mixer(2);
  hang_up_all();
}

SCENARIO(TlibConference, the_mixer_does_not_let_him_hold) {
  expect_done(confer());
  m.refuse_offers_with = 488;
  const auto request = ask(RequestName::hold_call, "7402");
  run(milliseconds(4));
  m.refuse_offers_with = 0;
  run(seconds(1));
  expect_error(request, ErrorCode::phone_failed, 488);
  expect_conference();
  hang_up_all();
}

SCENARIO(TlibConference, his_phone_does_not_hold) {
  expect_done(confer());
  b.refuse_offers_with = 488;
  const auto request = ask(RequestName::hold_call, "7402");
  run(seconds(1));
  b.refuse_offers_with = 0;
  expect_error(request, ErrorCode::phone_failed, 488);
  expect_conference();
  hang_up_all();
}

SCENARIO(TlibConference, another_leaves_while_he_is_about_to_hold) {
  expect_done(confer());
  const auto request = ask(RequestName::hold_call, "7402");
  c.hang_up();
  run(seconds(1));
  expect_success(request);
  EXPECT_EQ(b.speaks_to(), "-");
  expect_done(ask(RequestName::retrieve_call, "7402"));
  EXPECT_EQ(b.speaks_to(), m.ip());
  hang_up_all();
}

SCENARIO(TlibConference, one_gives_his_place_to_another) {
  auto& d = phone("7404");
  expect_done(confer());
  mark();
  expect_done(ask(RequestName::single_step_transfer, "7402", "7404"));
  expect_order({"7404 < INVITE", "7404 > 180 INVITE", "7402 < BYE", "EventReleased (7402,-)",
                "EventOnHook (7402,-)", "EventPartyDeleted (7401,7402)", "EventPartyDeleted (7403,7402)",
                "EventRinging (7404,-)", "7404 > 200 INVITE sdp", "media < INVITE sdp",
                "media > 200 INVITE sdp", "7404 < ACK sdp", "EventOffHook (7404,-)",
                "EventEstablished (7404,-)", "EventPartyAdded (7401,7404)", "EventPartyAdded (7403,7404)"});
  for (const auto* line : {"7401 < INVITE sdp", "7403 < INVITE sdp"}) expect_none(line);
  EXPECT_TRUE(b.up.empty());
  EXPECT_EQ(d.speaks_to(), m.ip());
  expect_all_speak_at_the_mixer(3);
  expect_done(ask(RequestName::hold_call, "7404"));
  EXPECT_EQ(d.speaks_to(), "-");
  d.hang_up();
  hang_up_all();
}

SCENARIO(TlibConference, the_one_who_shall_have_his_place_is_busy) {
  auto& d = phone("7404");
  expect_done(confer());
  d.rings = false;
  d.refuse_with = 486;
  const auto kept = ask(RequestName::single_step_transfer, "7402", "7404");
  run(seconds(1));
  expect_error(kept, ErrorCode::destination_failed, 486);
  expect_conference();
  d.rings = true;
  mark();
  const auto lost = ask(RequestName::single_step_transfer, "7402", "7404");
  run(seconds(1));
  expect_error(lost, ErrorCode::destination_failed, 486);
  expect_order({"7402 < BYE", "EventRinging (7404,-)", "7404 > 486 INVITE", "EventReleased (7404,-)"});
  EXPECT_TRUE(b.up.empty());
  expect_all_speak_at_the_mixer(2);
  hang_up_all();
}

SCENARIO(TlibConference, what_a_conference_cannot_do) {
  expect_done(confer());
  phone("7404");
  expect_error(ask(RequestName::initiate_transfer, "7402", "7404"), ErrorCode::wrong_state);
  hang_up_all();
}

class TlibMixerWithOffers : public TlibConference {
 protected:
  static ServerSettings without_delayed_offer() {
    ServerSettings settings;
    settings.conference_without_delayed_offer = true;
    return settings;
  }
  TlibMixerWithOffers() : TlibConference(without_delayed_offer()) {}
};

SCENARIO(TlibMixerWithOffers, gets_the_phones_descriptions) {
  const auto request = confer();
  m.refuses_delayed_offers = true;
  expect_done(request);
  expect_order({"media < INVITE sdp", "media > 200 INVITE sdp", "7401 < INVITE sdp", "7401 > 200 INVITE sdp",
                "7402 < INVITE sdp", "7402 > 200 INVITE sdp", "7403 < INVITE sdp", "7403 > 200 INVITE sdp",
                "EventPartyAdded (7402,7403)"});
  expect_none("media < INVITE");
  expect_conference();
  hang_up_all();
}

SCENARIO(TlibMixerWithOffers, one_holds_and_comes_back) {
  expect_done(confer());
  expect_done(ask(RequestName::hold_call, "7402"));
  EXPECT_EQ(b.speaks_to(), "-");
  mark();
  expect_done(ask(RequestName::retrieve_call, "7402"));
  expect_order({"7402 < INVITE", "7402 > 200 INVITE sdp", "media < INVITE sdp", "media > 200 INVITE sdp",
                "7402 < ACK sdp", "EventRetrieved (7402,-)", "media < ACK"});
  expect_conference();
  hang_up_all();
}

class TlibBorrowedConference : public TlibConference {
 protected:
  static ServerSettings one_dialog() {
    ServerSettings settings;
    settings.dn_options["7402"].dual_dialog_enabled = false;
    return settings;
  }
  TlibBorrowedConference() : TlibConference(one_dialog()) {}
};

SCENARIO(TlibBorrowedConference, of_a_phone_with_one_dialog) {
  expect_done(confer());
  expect_none("7402 < BYE");
  expect_conference();
  hang_up_all();
}

class TlibNoMixer : public TlibCalls {};

SCENARIO(TlibNoMixer, there_is_no_conference) {
  consult(RequestName::initiate_conference);
  const auto request = ask(RequestName::complete_conference, "7402");
  expect_error(request, ErrorCode::mixer_failed, 404);
  EXPECT_EQ(c.speaks_to(), b.ip());
  hang_up_all();
}

}  // namespace
}  // namespace sidetone::test
