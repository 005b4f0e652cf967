// What a table or a vector keeps after its busiest moment.
#include "base/shrink.h"

#include <gtest/gtest.h>

#include <numeric>
#include <unordered_map>

namespace sidetone {
namespace {

TEST(Shrink, ATableGivesItsRoomBackAndKeepsWhatIsIn) {
  std::unordered_map<int, int> table;
  for (int i = 0; i < 100000; ++i) table.emplace(i, i);
  for (int i = 100; i < 100000; ++i) {
    table.erase(i);
    shrink_if_sparse(table);
  }
  EXPECT_LT(table.bucket_count(), sparse_places_min);
  ASSERT_EQ(table.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(table.at(i), i);
}

TEST(Shrink, ATableThatComesAndGoesIsNotRebuiltEachTime) {
  std::unordered_map<int, int> table;
  for (int i = 0; i < 10000; ++i) table.emplace(i, i);
  int rebuilt = 0;
  auto buckets = table.bucket_count();
  for (int round = 0; round < 1000; ++round) {
    for (int i = 0; i < 5000; ++i) table.erase(i);
    shrink_if_sparse(table);
    for (int i = 0; i < 5000; ++i) table.emplace(i, i);
    if (std::exchange(buckets, table.bucket_count()) != table.bucket_count()) ++rebuilt;
  }
  EXPECT_EQ(rebuilt, 0);
}

TEST(Shrink, AVectorGivesItsRoomBackAndKeepsItsOrder) {
  std::vector<int> values(100000);
  std::iota(values.begin(), values.end(), 0);
  values.resize(100);
  shrink_if_sparse(values);
  EXPECT_LT(values.capacity(), sparse_places_min);
  ASSERT_EQ(values.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(values[static_cast<std::size_t>(i)], i);
}

TEST(Shrink, WhatIsSmallStays) {
  std::vector<int> values;
  values.reserve(sparse_places_min - 1);
  shrink_if_sparse(values);
  EXPECT_GE(values.capacity(), sparse_places_min - 1);
}

}  // namespace
}  // namespace sidetone
