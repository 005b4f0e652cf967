// Hash tables and vectors keep the room of their busiest moment for ever. After a storm of calls that is a
// hundred times of what an endpoint needs on all other days.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace sidetone {

// Below this many places there is nothing to win.
inline constexpr std::size_t sparse_places_min = 1024;
// An eighth: what is made smaller then has to grow fourfold before it must grow again, or to lose three
// quarters before it is made smaller again; so both cost O(1) per element, whatever a load does.
[[nodiscard]] constexpr bool is_sparse(std::size_t used, std::size_t places) {
  return places >= sparse_places_min && used < places / 8;
}

// For after an element was erased. Iterators into a table are invalid then.
template <typename Table>
void shrink_if_sparse(Table& table) {
  if (is_sparse(table.size(), table.bucket_count())) table.rehash(table.size() * 2);
}

template <typename T>
void shrink_if_sparse(std::vector<T>& values) {
  if (!is_sparse(values.size(), values.capacity())) return;
  std::vector<T> smaller;
  smaller.reserve(values.size() * 2);
  for (auto& value : values) smaller.push_back(std::move(value));
  values.swap(smaller);
}

}  // namespace sidetone
