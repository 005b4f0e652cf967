#include "endpoint/dial_target.h"

#include <gtest/gtest.h>

namespace sidetone::endpoint {
namespace {

struct Row {
  const char* text;
  const char* uri;  // nullptr: refused
  const char* number;
};
class DialTargetTest : public testing::TestWithParam<Row> {};

TEST_P(DialTargetTest, becomes_a_uri) {
  const auto& row = GetParam();
  const auto target = resolve_dial_target(row.text, "sip.example", 5070);
  ASSERT_EQ(target.has_value(), row.uri != nullptr) << row.text;
  if (row.uri == nullptr) return;
  EXPECT_EQ(target->uri, row.uri);
  EXPECT_EQ(target->number, row.number);
}

INSTANTIATE_TEST_SUITE_P(
    rows, DialTargetTest,
    testing::Values(Row{"7002", "sip:7002@sip.example:5070", "7002"},
                    Row{" +49 (30) 12-34 ", "sip:+49301234@sip.example:5070", "+49301234"},
                    Row{"*21#", "sip:*21%23@sip.example:5070", "*21#"},
                    Row{"alice", "sip:alice@sip.example:5070", "alice"},
                    Row{"alice@b.example", "sip:alice@b.example", "alice"},
                    Row{"sip:bob@192.0.2.1:5080;transport=tcp", "sip:bob@192.0.2.1:5080;transport=tcp",
                        "bob"},
                    Row{"tel:+4930123", "sip:+4930123@sip.example:5070", "+4930123"}, Row{"", nullptr, ""},
                    Row{"two words", nullptr, ""}, Row{"sip:", nullptr, ""}, Row{"a<b>", nullptr, ""},
                    Row{"@host", nullptr, ""}));

}  // namespace
}  // namespace sidetone::endpoint
