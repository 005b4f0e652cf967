#include "device/hid_telephony.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "headset_descriptors.h"

namespace sidetone::device {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using enum HidUsage;

HidTelephony headset(const Bytes& descriptor) {
  auto parsed = HidTelephony::parse(descriptor);
  EXPECT_TRUE(parsed) << describe(parsed.error());
  return *parsed;
}

TEST(HidTelephony, FindsButtons) {
  struct Row {
    const Bytes& descriptor;
    Bytes report;
    HidUsage usage;
    std::optional<bool> pressed;
  };
  const Row rows[] = {
      {common_headset, {1, 0x01}, hook_switch, true},
      {common_headset, {1, 0x06}, hook_switch, false},
      {common_headset, {1, 0x02}, phone_mute, true},
      {common_headset, {1, 0x04}, flash, true},
      {common_headset, {1, 0xf8}, flash, false},
      {common_headset, {1, 0x01}, drop, std::nullopt},
      {common_headset, {3, 0x01}, hook_switch, std::nullopt},  // another report
      {common_headset, {1}, hook_switch, std::nullopt},        // cut off
      {common_headset, {}, hook_switch, std::nullopt},
      {plain_headset, {0x04}, hook_switch, true},
      {plain_headset, {0x03}, hook_switch, false},
      {plain_headset, {0x08}, phone_mute, true},
      {plain_headset, {0x10}, drop, true},
      {plain_headset, {}, drop, std::nullopt},
      {array_headset, {1}, hook_switch, true},
      {array_headset, {2}, hook_switch, false},
      {array_headset, {2}, flash, true},
      {array_headset, {0}, flash, false},
  };
  for (const auto& row : rows)
    EXPECT_EQ(headset(row.descriptor).button(row.usage, row.report), row.pressed)
        << static_cast<std::uint32_t>(row.usage) << " in " << testing::PrintToString(row.report);
  EXPECT_TRUE(headset(common_headset).is_relative(phone_mute));
  EXPECT_FALSE(headset(common_headset).is_relative(hook_switch));
  EXPECT_FALSE(headset(plain_headset).is_relative(phone_mute));
}

TEST(HidTelephony, WritesLamps) {
  const auto common = headset(common_headset), plain = headset(plain_headset);
  EXPECT_THAT(common.lamp_reports({}), ElementsAre(Bytes{2, 0}));
  EXPECT_THAT(common.lamp_reports({.off_hook = true}), ElementsAre(Bytes{2, 1}));
  EXPECT_THAT(common.lamp_reports({.mute = true}), ElementsAre(Bytes{2, 2}));
  EXPECT_THAT(common.lamp_reports({.ring = true}), ElementsAre(Bytes{2, 4}));
  EXPECT_THAT(common.lamp_reports({true, true, true, true}), ElementsAre(Bytes{2, 15}));
  EXPECT_THAT(plain.lamp_reports({.off_hook = true, .ring = true}), ElementsAre(Bytes{0, 2}));
  EXPECT_TRUE(plain.has_lamp(lamp_mute));
  EXPECT_FALSE(plain.has_lamp(lamp_ring));
  EXPECT_THAT(headset(array_headset).lamp_reports({true, true, true, true}), ElementsAre());
}

TEST(HidTelephony, RefusesWhatIsNone) {
  Bytes deep, many, wide;
  for (int i = 0; i < 20; ++i) deep.push_back(0xa4);  // Push
  for (int i = 0; i < 1000; ++i) many.insert(many.end(), {0x09, 0x20});
  wide = {0x05, 0x0b, 0x77, 0xff, 0xff, 0xff, 0xff, 0x97, 0xff, 0xff, 0xff, 0xff, 0x09, 0x20, 0x81, 0x02};
  const struct {
    Bytes bytes;
    std::string_view says;
  } rows[] = {
      {{}, "no hook switch"},
      {{0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0xc0}, "no hook switch"},  // a keyboard
      {Bytes(5000, 0x00), "too long"},
      {{0x05}, "cut off"},
      {{0x27, 0x00, 0x00}, "cut off"},
      {{0xfe, 0x05, 0x00, 0x01}, "cut off"},
      {{0x85, 0x00}, "impossible id"},
      {{0xb4}, "has not kept"},
      {deep, "nested"},
      {many, "too many usages"},
      {{0x05, 0x0b, 0x1b, 0x00, 0x00, 0x00, 0x00, 0x2b, 0xff, 0xff, 0xff, 0xff}, "too many usages"},
      {wide, "too long"},
  };
  for (const auto& row : rows) {
    const auto parsed = HidTelephony::parse(row.bytes);
    ASSERT_FALSE(parsed) << row.says;
    EXPECT_THAT(describe(parsed.error()), HasSubstr(std::string(row.says)));
  }
  const Bytes long_item = {0xfe, 0x02, 0x00, 0x01, 0x02};
  auto bytes = long_item;
  bytes.insert(bytes.end(), common_headset.begin(), common_headset.end());
  EXPECT_TRUE(HidTelephony::parse(bytes)) << "long items are passed over";
}

// Every descriptor with one byte changed or cut off anywhere: refused or read, never more.
TEST(HidTelephony, SurvivesAnyDamage) {
  for (const auto* whole : {&common_headset, &plain_headset, &array_headset})
    for (std::size_t at = 0; at < whole->size(); ++at) {
      static_cast<void>(HidTelephony::parse(std::span(*whole).first(at)));
      for (int value = 0; value < 256; ++value) {
        auto damaged = *whole;
        damaged[at] = static_cast<std::uint8_t>(value);
        const auto parsed = HidTelephony::parse(damaged);
        if (!parsed) continue;
        for (const auto& report : parsed->lamp_reports({true, true, true, true}))
          EXPECT_LE(report.size(), 1025u);
        static_cast<void>(parsed->button(hook_switch, Bytes{1, 2, 3}));
      }
    }
}

}  // namespace
}  // namespace sidetone::device
