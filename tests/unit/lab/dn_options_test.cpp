// Options of DNs as text: what an administrator writes, and what he is told when it is wrong.
#include "labserver/dn_options.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace sidetone::lab {
namespace {

struct ValueRow {
  const char *name, *value;
  bool (*is_so)(const DnOptions&);
};

CtiControl cti(bool talk, bool hold, bool dtmf, bool beep) { return {talk, hold, dtmf, beep}; }

const ValueRow value_rows[] = {
    {"sip-cti-control", "talk,hold",
     [](const DnOptions& o) { return o.sip_cti_control == cti(true, true, false, false); }},
    {"sip-cti-control", " DTMF , beep ",
     [](const DnOptions& o) { return o.sip_cti_control == cti(false, false, true, true); }},
    {"sip-cti-control", "",
     [](const DnOptions& o) { return o.sip_cti_control == cti(false, false, false, false); }},
    {"dual-dialog-enabled", "false", [](const DnOptions& o) { return !o.dual_dialog_enabled; }},
    {"make-call-rfc3725-flow", "1", [](const DnOptions& o) { return o.make_call_rfc3725_flow == 1; }},
    {"make-call-rfc3725-flow", " 2 ", [](const DnOptions& o) { return o.make_call_rfc3725_flow == 2; }},
    {"refer-enabled", "true", [](const DnOptions& o) { return o.refer_enabled; }},
    {"Refer-Enabled", "YES", [](const DnOptions& o) { return o.refer_enabled; }},
    {"refer-enabled", "1", [](const DnOptions& o) { return o.refer_enabled; }},
    {"ring-tone-on-make-call", "no", [](const DnOptions& o) { return !o.ring_tone_on_make_call; }},
    {"make-call-alert-info", "<file://null>;service=3pcc",
     [](const DnOptions& o) { return o.make_call_alert_info == "<file://null>;service=3pcc"; }},
    {"make-call-alert-info", "", [](const DnOptions& o) { return o.make_call_alert_info.empty(); }},
    {"use-register-for-service-state", "0",
     [](const DnOptions& o) { return !o.use_register_for_service_state; }},
    {"transfer-complete-by-refer", "true", [](const DnOptions& o) { return o.transfer_complete_by_refer; }},
    {"reinvite-requires-hold", "true", [](const DnOptions& o) { return o.reinvite_requires_hold; }},
};

TEST(DnOptions, values) {
  for (const auto& row : value_rows) {
    SCOPED_TRACE(std::string(row.name) + "=" + row.value);
    DnOptions options;
    const auto taken = set(options, row.name, row.value);
    EXPECT_TRUE(taken) << (taken ? "" : describe(taken.error()));
    EXPECT_TRUE(row.is_so(options));
  }
}

struct WrongRow {
  std::string name, value, named, remedy;
};

const WrongRow wrong_rows[] = {
    {"sip-cti-control", "talk,sing", "sip-cti-control", "talk, hold, dtmf, beep"},
    {"sip-cti-control", "talk,,hold", "sip-cti-control", "talk, hold, dtmf, beep"},
    {"dual-dialog-enabled", "maybe", "dual-dialog-enabled", "true or false"},
    {"dual-dialog-enabled", "", "dual-dialog-enabled", "true or false"},
    {"make-call-rfc3725-flow", "3", "make-call-rfc3725-flow", "1 or 2"},
    {"make-call-rfc3725-flow", "1.0", "make-call-rfc3725-flow", "1 or 2"},
    {"refer-enabled", "2", "refer-enabled", "true or false"},
    {"ring-tone-on-make-call", "on", "ring-tone-on-make-call", "true or false"},
    {"make-call-alert-info", "a\r\nX-Injected: b", "make-call-alert-info", "one line"},
    {"make-call-alert-info", std::string(257, 'x'), "make-call-alert-info", "256 characters"},
    {"use-register-for-service-state", "tru", "use-register-for-service-state", "true or false"},
    {"transfer-complete-by-refer", "-1", "transfer-complete-by-refer", "true or false"},
    {"reinvite-requires-hold", "true false", "reinvite-requires-hold", "true or false"},
    {"reinvite-requires-hold ", "true", "'reinvite-requires-hold '", "transfer-complete-by-refer"},
    {"music-on-hold", "true", "'music-on-hold'", "sip-cti-control"},  // of the whole server
    {"", "true", "''", "sip-cti-control"},
};

TEST(DnOptions, wrong_values_name_the_option_and_what_it_takes) {
  for (const auto& row : wrong_rows) {
    SCOPED_TRACE(row.name + "=" + row.value);
    DnOptions options;
    const auto taken = set(options, row.name, row.value);
    ASSERT_FALSE(taken);
    EXPECT_NE(taken.error().text.find(row.named), std::string::npos) << taken.error().text;
    EXPECT_NE(taken.error().remedy.find(row.remedy), std::string::npos) << taken.error().remedy;
    EXPECT_EQ(options, DnOptions{}) << "nothing is changed";
  }
}

TEST(DnOptions, every_option_has_rows) {
  for (const auto name : dn_option_names()) {
    const auto of_it = [&](const auto& row) { return row.name == name; };
    EXPECT_TRUE(std::any_of(std::begin(value_rows), std::end(value_rows), of_it)) << name;
    EXPECT_TRUE(std::any_of(std::begin(wrong_rows), std::end(wrong_rows), of_it)) << name;
  }
}

struct TextRow {
  const char* text;
  const char *dn, *name, *value;
};

TEST(DnOptions, text) {
  for (const auto& row : {TextRow{"7001:refer-enabled=true", "7001", "refer-enabled", "true"},
                          TextRow{":refer-enabled=true", "", "refer-enabled", "true"},
                          TextRow{"7001:sip-cti-control=", "7001", "sip-cti-control", ""},
                          TextRow{"7001:make-call-alert-info=<sip:a@b>;x=y", "7001", "make-call-alert-info",
                                  "<sip:a@b>;x=y"}}) {
    const auto read = parse_dn_option(row.text);
    ASSERT_TRUE(read) << row.text;
    EXPECT_EQ(read->dn, row.dn);
    EXPECT_EQ(read->name, row.name);
    EXPECT_EQ(read->value, row.value);
  }
}

TEST(DnOptions, text_that_is_none) {
  for (const auto* text : {"", "7001", "refer-enabled=true", "7001:refer-enabled", "7001:=true", "=x:y"}) {
    const auto read = parse_dn_option(text);
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().text.find(text), std::string::npos);
    EXPECT_NE(read.error().remedy.find("7001:refer-enabled=true"), std::string::npos);
  }
}

}  // namespace
}  // namespace sidetone::lab
