# The operators of the forward pass, in TorchScript (a subset of Python that libtorch compiles; no Python runs).
# Comments must stand on lines of their own. Axes: b batch, p pos, q query_pos, k key_pos, h head, d d_head, m d_model,
# f d_mlp, v d_vocab. Numbers arrive as tensors of rank 0, which is safe under autograd.
class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool

  # Weights may be kept in bfloat16: products are then taken in it, and everything else in float32. DJL does not know the type,
  # so such a weight goes nowhere but into these methods, and its type is asked of nobody else.

  # W [..] in bfloat16, laid out as it is
  def shorten(self: __torch__.Kernels, owner: Tensor, W: Tensor) -> Tensor:
    return torch.to(W, 15)

  # the numbers of a weight, float32
  def numbers(self: __torch__.Kernels, W: Tensor) -> Tensor:
    y = W
    if ops.prim.dtype(W) == 15:
      y = torch.to(W, 6)
    return y

  # x [.. a], W [.. a c] -> [.. c]
  def times(self: __torch__.Kernels, x: Tensor, W: Tensor) -> Tensor:
    if ops.prim.dtype(W) == 15:
      y = torch.to(torch.matmul(torch.to(x, 15), W), 6)
    else:
      y = torch.matmul(x, W)
    return y

  # x [n a], W [a c], b [c] -> [n c]
  def affine(self: __torch__.Kernels, x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    if ops.prim.dtype(W) == 15:
      # In float32, unless b is in bfloat16 too.
      y = torch.add(torch.mm(torch.to(x, 15), W), b)
    else:
      # Measured: the bias is cheaper behind the product than inside it (addmm), by a tenth where there are many columns.
      y = torch.add_(torch.mm(x, W), b)
    return y

  # tokens [b p], W_E [v m] -> [b p m]
  def embed(self: __torch__.Kernels, tokens: Tensor, W_E: Tensor) -> Tensor:
    return torch.embedding(W_E, tokens)

  # where tokens stand, int64 [1 k]: before [] remembered ones come first
  def positions(self: __torch__.Kernels, tokens: Tensor, before: Tensor) -> Tensor:
    return torch.unsqueeze(torch.arange(int(before) + torch.size(tokens, 1), dtype=4), 0)

  # attended bool [b k] -> int64 [b k]: padding counts nothing, and leading padding stands at 0
  def positions_of_attended(self: __torch__.Kernels, attended: Tensor) -> Tensor:
    return torch.clamp_min(torch.sub(torch.cumsum(attended, 1), 1), 0)

  # x [b k], tokens [b p] -> [b p]: what belongs to this pass's tokens
  def last_columns(self: __torch__.Kernels, x: Tensor, tokens: Tensor) -> Tensor:
    return torch.slice(x, 1, torch.size(x, 1) - torch.size(tokens, 1))

  # bool [b n]: no padding
  def all_seen(self: __torch__.Kernels, tokens: Tensor, n: Tensor) -> Tensor:
    return torch.ones([torch.size(tokens, 0), int(n)], dtype=11)

  def join_columns(self: __torch__.Kernels, x: Tensor, y: Tensor) -> Tensor:
    return torch.cat([x, y], 1)

  # x [b p ..], before [b n ..] -> [b n+p ..]
  def join_columns_after(self: __torch__.Kernels, x: Tensor, before: Tensor) -> Tensor:
    return torch.cat([before, x], 1)

  # tokens [b p], positions int64 [b or 1, p], W_pos [n_ctx m] -> [b p m]
  def embed_positions(self: __torch__.Kernels, tokens: Tensor, positions: Tensor, W_pos: Tensor) -> Tensor:
    b = torch.size(tokens, 0) // torch.size(positions, 0)
    return torch.repeat(torch.embedding(W_pos, positions), [b, 1, 1])

  # x [b p m], attended bool [b p]: zeros at padding
  def blank_padding(self: __torch__.Kernels, x: Tensor, attended: Tensor) -> Tensor:
    return torch.masked_fill(x, torch.logical_not(torch.unsqueeze(attended, -1)), 0.)

  # which keys a query may see, bool [1 1 q k]: itself and what is before it, at most window of them; the first of the
  # q queries stands behind before [] keys
  def causal_mask(self: __torch__.Kernels, tokens: Tensor, before: Tensor, window: Tensor) -> Tensor:
    q, first = torch.size(tokens, 1), int(before)
    seen = torch.tril(torch.ones([q, first + q], dtype=11), first)
    return torch.unsqueeze(torch.unsqueeze(torch.triu(seen, first + 1 - int(window)), 0), 0)

  # every query sees every key, bool [1 1 q k]
  def full_mask(self: __torch__.Kernels, tokens: Tensor, before: Tensor) -> Tensor:
    q = torch.size(tokens, 1)
    return torch.ones([1, 1, q, int(before) + q], dtype=11)

  # every query of one text sees every key of another, bool [1 1 q k]
  def cross_mask(self: __torch__.Kernels, queries: Tensor, keys: Tensor) -> Tensor:
    return torch.ones([1, 1, torch.size(queries, 1), torch.size(keys, 1)], dtype=11)

  # mask bool [b 1 q k], positions int64 [b k] -> [b 1 q k]: what is less than window positions back, padding left out
  def near(self: __torch__.Kernels, mask: Tensor, positions: Tensor, window: Tensor) -> Tensor:
    key = torch.unsqueeze(positions, 1)
    query = torch.permute(torch.slice(key, 2, torch.size(mask, 3) - torch.size(mask, 2)), [0, 2, 1])
    return torch.logical_and(mask, torch.unsqueeze(torch.lt(torch.sub(query, key), window), 1))

  # mask bool [1 1 q k], attended bool [b k] -> [b 1 q k]
  def hide_padding(self: __torch__.Kernels, mask: Tensor, attended: Tensor) -> Tensor:
    return torch.logical_and(mask, torch.unsqueeze(torch.unsqueeze(attended, 1), 1))

  # positions int64 [b p], frequencies [r] in radians per position -> [2 b p 1 r]: cosines and sines
  def turns(self: __torch__.Kernels, positions: Tensor, frequencies: Tensor) -> Tensor:
    angles = torch.unsqueeze(torch.mul(torch.unsqueeze(torch.to(positions, 6), -1), frequencies), 2)
    return torch.stack([torch.cos(angles), torch.sin(angles)])

  # turns [2 b k 1 r], tokens [b p] -> [2 b p 1 r]
  def last_turns(self: __torch__.Kernels, turns: Tensor, tokens: Tensor) -> Tensor:
    return torch.slice(turns, 2, torch.size(turns, 2) - torch.size(tokens, 1))

  # x [b p h d], turns [2 b p 1 r]: dimensions i and r+i turn as a pair, those from 2r on stay
  def rotate_halves(self: __torch__.Kernels, x: Tensor, turns: Tensor) -> Tensor:
    cos, sin = torch.select(turns, 0, 0), torch.select(turns, 0, 1)
    r = torch.size(cos, -1)
    x1, x2 = torch.slice(x, -1, 0, r), torch.slice(x, -1, r, 2 * r)
    y1 = torch.sub(torch.mul(x1, cos), torch.mul(x2, sin))
    y2 = torch.add(torch.mul(x2, cos), torch.mul(x1, sin))
    return torch.cat([y1, y2, torch.slice(x, -1, 2 * r)], -1)

  # x [b p h d], turns [2 b p 1 r]: dimensions 2i and 2i+1 turn as a pair, those from 2r on stay
  def rotate_adjacent(self: __torch__.Kernels, x: Tensor, turns: Tensor) -> Tensor:
    cos, sin = torch.select(turns, 0, 0), torch.select(turns, 0, 1)
    r = torch.size(cos, -1)
    x1, x2 = torch.slice(x, -1, 0, 2 * r, 2), torch.slice(x, -1, 1, 2 * r, 2)
    y1 = torch.sub(torch.mul(x1, cos), torch.mul(x2, sin))
    y2 = torch.add(torch.mul(x2, cos), torch.mul(x1, sin))
    return torch.cat([torch.flatten(torch.stack([y1, y2], -1), -2), torch.slice(x, -1, 2 * r)], -1)

  # x [.. m], eps [] -> [.. 1]: the standard deviation a layer norm divides by
  def layer_norm_scale(self: __torch__.Kernels, x: Tensor, eps: Tensor) -> Tensor:
    centred = torch.sub(x, torch.mean(x, [-1], True))
    return torch.sqrt(torch.add(torch.mean(torch.mul(centred, centred), [-1], True), eps))

  # a layer norm nobody looks inside of: x [.. m], w [m], b [m], eps [] -> [.. m]
  def layer_norm_whole(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Tensor, eps: Tensor) -> Tensor:
    return torch.layer_norm(x, [torch.size(x, -1)], w, b, float(eps))

  # the same with its scale [.. 1], which is only looked at
  def layer_norm_seen(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Tensor, eps: Tensor) -> List[Tensor]:
    y, _, inverse = torch.native_layer_norm(x, [torch.size(x, -1)], w, b, float(eps))
    return [torch.reciprocal(inverse), y]

  # x [.. m], scale [.. 1], w [m], b [m] -> [.. m]
  def layer_norm(self: __torch__.Kernels, x: Tensor, scale: Tensor, w: Tensor, b: Tensor) -> Tensor:
    centred = torch.sub(x, torch.mean(x, [-1], True))
    return torch.add(torch.mul(torch.div(centred, scale), w), b)

  # x [.. m], eps [] -> [.. 1]: the root mean square
  def rms_norm_scale(self: __torch__.Kernels, x: Tensor, eps: Tensor) -> Tensor:
    return torch.sqrt(torch.add(torch.mean(torch.mul(x, x), [-1], True), eps))

  # an RMS norm nobody looks inside of: x [.. m], w [m], eps [] -> [.. m]
  def rms_norm_whole(self: __torch__.Kernels, x: Tensor, w: Tensor, eps: Tensor) -> Tensor:
    return torch.mul(torch.div(x, self.rms_norm_scale(x, eps)), w)

  # x [.. m], scale [.. 1]
  def divide(self: __torch__.Kernels, x: Tensor, scale: Tensor) -> Tensor:
    return torch.div(x, scale)

  # x [.. m], w [m]
  def gain(self: __torch__.Kernels, x: Tensor, w: Tensor) -> Tensor:
    return torch.mul(x, w)

  # x [b p m] or [b p h m], vectors [b p m]
  def add_positions(self: __torch__.Kernels, x: Tensor, vectors: Tensor) -> Tensor:
    if torch.dim(x) == 4:
      y = torch.add(x, torch.unsqueeze(vectors, 2))
    else:
      y = torch.add(x, vectors)
    return y

  # x [b p m], W [h m d], b [h d] -> [b p h d]; one product where the heads lie side by side in memory, otherwise one for each
  def project_heads(self: __torch__.Kernels, x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    h, m, d = torch.size(W, 0), torch.size(W, 1), torch.size(W, 2)
    rows = torch.reshape(x, [-1, m])
    if torch.stride(W, 0) == d * torch.stride(W, 2):
      flat = torch.reshape(torch.permute(W, [1, 0, 2]), [m, h * d])
      y = self.affine(rows, flat, torch.reshape(b, [h * d]))
    else:
      y = torch.permute(torch.add(self.times(rows, W), torch.unsqueeze(b, 1)), [1, 0, 2])
    return torch.reshape(y, [torch.size(x, 0), torch.size(x, 1), h, d])

  # q [h .. d], k and v [g .. d] that lie in memory as columns of one matrix [.. n], all of q before all of k before all of v,
  # or those of each head together: that matrix, a view; otherwise, and where autograd watches them, [0]; owner [] gets it
  def joint_columns(self: __torch__.Kernels, owner: Tensor, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    h, g, d, s = torch.size(q, 0), torch.size(k, 0), torch.size(q, -1), torch.stride(q, -1)
    first, by_q = torch.storage_offset(q), torch.stride(q)
    to_k, to_v = torch.storage_offset(k) - first, torch.storage_offset(v) - first
    none = torch.as_strided(q, [0], [1], 0)
    one_k = torch.is_set_to(none, torch.as_strided(k, [0], [1], 0))
    one_v = torch.is_set_to(none, torch.as_strided(v, [0], [1], 0))
    alike = one_k and one_v and by_q == torch.stride(k) and by_q == torch.stride(v)
    in_turn = by_q[0] == d * s and to_k == h * d * s and to_v == (h + g) * d * s
    by_head = h == g and by_q[0] == 3 * d * s and to_k == d * s and to_v == 2 * d * s
    watched = ops.prim.requires_grad(q) or ops.prim.requires_grad(k) or ops.prim.requires_grad(v)
    sizes = torch.add(torch.slice(torch.size(q), 1, -1), [(h + 2 * g) * d])
    if alike and (in_turn or by_head) and not watched:
      joint = torch.as_strided(q, sizes, torch.slice(by_q, 1), first)
    else:
      joint = none
    return joint

  # x [b p m], W [m n], b [n] as joint_columns gives them, W_Q [h m d], W_K [g m d] -> queries [b p h d], keys and values
  # [b p g d], views of one product, in the type of like
  def project_jointly(self: __torch__.Kernels, x: Tensor, W: Tensor, b: Tensor, W_Q: Tensor, W_K: Tensor, like: Tensor) -> List[Tensor]:
    h, g, m, d = torch.size(W_Q, 0), torch.size(W_K, 0), torch.size(W, 0), torch.size(W_Q, 2)
    rows, t = torch.reshape(x, [-1, m]), ops.prim.dtype(like)
    y = torch.reshape(self.affine(rows, W, torch.to(b, t)), [torch.size(x, 0), torch.size(x, 1), -1, d])
    if torch.stride(W_Q, 0) == d * torch.stride(W_Q, 2):
      parts = torch.split_with_sizes(y, [h, g, g], 2)
    else:
      parts = torch.unbind(torch.reshape(y, [torch.size(x, 0), torch.size(x, 1), h, 3, d]), 3)
    return parts

  # x [b p h m], W [g m d], b [g d] -> [b p h d]: every head has an input of its own; h / g of them share one W
  def project_split_heads(self: __torch__.Kernels, x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    count = torch.size(x, 2) // torch.size(W, 0)
    y = torch.einsum("bphm,hmd->bphd", [x, torch.repeat_interleave(self.numbers(W), count, 0)])
    return torch.add(y, torch.repeat_interleave(b, count, 0))

  # x [b k g d], count [] -> [b k h d]: each of g heads count times, side by side
  def repeat_heads(self: __torch__.Kernels, x: Tensor, count: Tensor) -> Tensor:
    return torch.repeat_interleave(x, int(count), 2)

  # q [b q h d], k [b k h d], scale [] -> [b h q k]
  def attn_scores(self: __torch__.Kernels, q: Tensor, k: Tensor, scale: Tensor) -> Tensor:
    return torch.div_(torch.matmul(torch.permute(q, [0, 2, 1, 3]), torch.permute(k, [0, 2, 3, 1])), scale)

  # any x, cap []: nearly x where small, never beyond cap
  def softcap(self: __torch__.Kernels, x: Tensor, cap: Tensor) -> Tensor:
    return torch.mul(torch.tanh(torch.div(x, cap)), cap)

  # scores [b h q k], slopes [h], positions int64 [b or 1, k]: less by slope for each position between key and query
  def distance_penalty(self: __torch__.Kernels, scores: Tensor, slopes: Tensor, positions: Tensor) -> Tensor:
    key = torch.unsqueeze(torch.to(positions, 6), 1)
    query = torch.permute(torch.slice(key, 2, torch.size(scores, 3) - torch.size(scores, 2)), [0, 2, 1])
    away = torch.unsqueeze(torch.clamp_max(torch.sub(key, query), 0.), 1)
    return torch.add(scores, torch.mul(torch.reshape(slopes, [1, -1, 1, 1]), away))

  # scores [b h q k], bias [1 h q k]
  def add_bias(self: __torch__.Kernels, scores: Tensor, bias: Tensor) -> Tensor:
    return torch.add(scores, bias)

  # tokens [b q] -> int64 [q k]: how far each key stands behind each query, negative where it stands before; keys are those
  # that were before and the tokens
  def keys_ahead(self: __torch__.Kernels, tokens: Tensor, before: Tensor) -> Tensor:
    queries = torch.arange(torch.size(tokens, 1), dtype=4)
    keys = torch.arange(int(before) + torch.size(tokens, 1), dtype=4)
    return torch.sub(torch.unsqueeze(keys, 0), torch.unsqueeze(torch.add(queries, int(before)), 1))

  # ahead int64 [q k] -> int64 [q k]: how far keys stand before queries, 0 for those behind
  def steps_back(self: __torch__.Kernels, ahead: Tensor) -> Tensor:
    return torch.clamp_min(torch.neg(ahead), 0)

  # ahead int64 [q k] -> int64 [q k]: how far apart
  def steps(self: __torch__.Kernels, ahead: Tensor) -> Tensor:
    return torch.abs(ahead)

  # distance int64 [q k], count [], most [] -> int64 [q k]: the first half of the buckets for one distance each, the rest
  # growing with the logarithm, the last for everything from most on
  def bucket(self: __torch__.Kernels, distance: Tensor, count: Tensor, most: Tensor) -> Tensor:
    near = torch.floor_divide(count, 2)
    times = torch.div(torch.to(torch.clamp_min(distance, 1), 6), near)
    share = torch.div(torch.log(times), torch.log(torch.div(most, near)))
    grown = torch.add(torch.to(torch.mul(share, torch.sub(count, near)), 4), near)
    return torch.where(torch.lt(distance, near), distance, torch.minimum(grown, torch.sub(count, 1)))

  # bucket int64 [q k], ahead int64 [q k], half [] -> int64 [q k]: keys behind the query have the other half of the table
  def other_half_ahead(self: __torch__.Kernels, bucket: Tensor, ahead: Tensor, half: Tensor) -> Tensor:
    return torch.add(bucket, torch.mul(torch.to(torch.gt(ahead, 0), 4), half))

  # bucket int64 [q k], table [r h] -> [1 h q k]
  def bias_of_buckets(self: __torch__.Kernels, bucket: Tensor, table: Tensor) -> Tensor:
    return torch.unsqueeze(torch.permute(torch.embedding(table, bucket), [2, 0, 1]), 0)

  # scores [b h q k], which become -inf themselves where mask, bool [b or 1, 1, q, k], is false
  def mask_scores(self: __torch__.Kernels, scores: Tensor, mask: Tensor) -> Tensor:
    return torch.masked_fill_(scores, torch.logical_not(mask), -inf)

  # scores [b h q k] -> [b h q k]: rows sum to 1
  def attn_pattern(self: __torch__.Kernels, scores: Tensor) -> Tensor:
    return torch.softmax(scores, -1)

  # the same where a row may have nothing to see: it is 0
  def attn_pattern_of_padded(self: __torch__.Kernels, scores: Tensor) -> Tensor:
    pattern = torch.softmax(scores, -1)
    return torch.masked_fill(pattern, torch.isnan(pattern), 0.)

  # pattern [b h q k], v [b k h d] -> [b q h d]
  def mix_values(self: __torch__.Kernels, pattern: Tensor, v: Tensor) -> Tensor:
    return torch.permute(torch.matmul(pattern, torch.permute(v, [0, 2, 1, 3])), [0, 2, 1, 3])

  # scores, pattern and mixed values in one: q [b q h d], k [b k h d], v [b k h d], scale [], mask bool [.. q k] -> [b q h d],
  # in the type of like
  def fused_attention(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, scale: Tensor, like: Tensor, mask: Tensor) -> Tensor:
    q1, k1, v1 = self.by_head(q, like), self.by_head(k, like), self.by_head(v, like)
    z = torch.scaled_dot_product_attention(q1, k1, v1, mask, 0., False, scale=1. / float(scale))
    return torch.permute(z, [0, 2, 1, 3])

  # the same where each query sees itself and every key before it
  def fused_causal_attention(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, scale: Tensor, like: Tensor) -> Tensor:
    q1, k1, v1 = self.by_head(q, like), self.by_head(k, like), self.by_head(v, like)
    z = torch.scaled_dot_product_attention(q1, k1, v1, None, 0., True, scale=1. / float(scale))
    return torch.permute(z, [0, 2, 1, 3])

  # x [b p h d] -> [b h p d], in the type of like
  def by_head(self: __torch__.Kernels, x: Tensor, like: Tensor) -> Tensor:
    return torch.permute(torch.to(x, ops.prim.dtype(like)), [0, 2, 1, 3])

  # z [b p h d], W_O [h d m], b_O [m] -> [b p m]
  def attn_out(self: __torch__.Kernels, z: Tensor, W_O: Tensor, b_O: Tensor) -> Tensor:
    h, d, m = torch.size(W_O, 0), torch.size(W_O, 1), torch.size(W_O, 2)
    y = self.affine(torch.reshape(z, [-1, h * d]), torch.reshape(W_O, [h * d, m]), b_O)
    return torch.reshape(y, [torch.size(z, 0), torch.size(z, 1), m])

  # The next three are operators from above one behind the other, for where nobody looks between them: each call from Java costs
  # what a product of few rows does.

  # layer_norm_whole of x [b p m] by w, b and eps, and project_jointly of that
  def norm_and_project(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Tensor, eps: Tensor, W: Tensor, b_W: Tensor, W_Q: Tensor, W_K: Tensor, like: Tensor) -> List[Tensor]:
    return self.project_jointly(self.layer_norm_whole(x, w, b, eps), W, b_W, W_Q, W_K, like)

  # fused_attention and attn_out: q [b q h d], k and v [b k h d], scale [], mask bool [.. q k], W_O [h d m], b_O [m] -> [b q m]
  def attend(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, scale: Tensor, mask: Tensor, W_O: Tensor, b_O: Tensor) -> Tensor:
    return self.attn_out(self.fused_attention(q, k, v, scale, W_O, mask), W_O, b_O)

  # fused_causal_attention and attn_out
  def attend_causally(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, scale: Tensor, W_O: Tensor, b_O: Tensor) -> Tensor:
    return self.attn_out(self.fused_causal_attention(q, k, v, scale, W_O), W_O, b_O)

  # z [b p h d], W_O [h d m] -> [b p h m]: what each head writes
  def head_results(self: __torch__.Kernels, z: Tensor, W_O: Tensor) -> Tensor:
    return torch.einsum("bphd,hdm->bphm", [z, self.numbers(W_O)])

  # result [b p h m], b_O [m] -> [b p m]
  def sum_heads(self: __torch__.Kernels, result: Tensor, b_O: Tensor) -> Tensor:
    return torch.add(torch.sum(result, [2]), b_O)

  # x [b p m], like [b p h d] -> [b p h m]: one copy of the input for each head
  def repeat_for_heads(self: __torch__.Kernels, x: Tensor, W: Tensor) -> Tensor:
    return torch.repeat(torch.unsqueeze(x, 2), [1, 1, torch.size(W, 0), 1])

  # x [.. a], W [a c], b [c] -> [.. c]
  def linear(self: __torch__.Kernels, x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    y = self.affine(torch.reshape(x, [-1, torch.size(W, 0)]), W, b)
    return torch.reshape(y, torch.add(torch.slice(torch.size(x), 0, -1), [torch.size(W, 1)]))

  # linear whose result nobody looks at before the next product: it stays in the type of the weight
  def linear_within(self: __torch__.Kernels, x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    return torch.to(self.linear(x, W, b), ops.prim.dtype(W))

  # matmul whose result nobody looks at before the next product
  def matmul_within(self: __torch__.Kernels, x: Tensor, W: Tensor) -> Tensor:
    return torch.matmul(torch.to(x, ops.prim.dtype(W)), W)

  # linear where b is often nothing but zeros, and adding it to so many columns takes longer than looking
  def unembed(self: __torch__.Kernels, x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    if ops.prim.requires_grad(b) or bool(torch.any(b)):
      y = self.linear(x, W, b)
    else:
      y = self.times(x, W)
    return y

  # x [b p m], W [m w], b [w] -> [b w]: the first token's summary
  def pool(self: __torch__.Kernels, x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    return torch.tanh(torch.add(torch.matmul(torch.select(x, 1, 0), W), b))

  # x [.. a], W [a c] -> [.. c]
  def matmul(self: __torch__.Kernels, x: Tensor, W: Tensor) -> Tensor:
    return self.times(x, W)

  # x [n a], W [c a] -> [n c]
  def matmul_transposed(self: __torch__.Kernels, x: Tensor, W: Tensor) -> Tensor:
    return self.times(x, torch.t(W))

  # x times y plus b [f], all [.. f]
  def multiply_add(self: __torch__.Kernels, x: Tensor, y: Tensor, b: Tensor) -> Tensor:
    return torch.add(torch.mul(x, y), b)

  # x [n m], W [e m] -> [n e]: how much the router likes each expert, rows sum to 1
  def expert_weights(self: __torch__.Kernels, x: Tensor, W: Tensor) -> Tensor:
    return torch.softmax(torch.matmul(x, torch.t(W)), -1)

  # weights [n e], count [] -> int64 [n count]: the experts liked best, best first
  def expert_indices(self: __torch__.Kernels, weights: Tensor, count: Tensor) -> Tensor:
    _, indices = torch.topk(weights, int(count), -1)
    return indices

  # weights [n e], chosen int64 [n c] -> [n c]: the chosen experts' weights, rows sum to 1
  def expert_shares(self: __torch__.Kernels, weights: Tensor, chosen: Tensor) -> Tensor:
    picked = torch.gather(weights, -1, chosen)
    return torch.div(picked, torch.sum(picked, [-1], True))

  # chosen int64 [n c], expert [] -> int64 [r]: the rows that chose it
  def rows_of_expert(self: __torch__.Kernels, chosen: Tensor, expert: Tensor) -> Tensor:
    return torch.flatten(torch.nonzero(torch.any(torch.eq(chosen, expert), -1)))

  # x [n m], rows int64 [r] -> [r m]
  def pick_rows(self: __torch__.Kernels, x: Tensor, rows: Tensor) -> Tensor:
    return torch.index_select(x, 0, rows)

  # shares [n c], chosen int64 [n c], rows int64 [r], expert [] -> [r 1]
  def expert_share(self: __torch__.Kernels, shares: Tensor, chosen: Tensor, rows: Tensor, expert: Tensor) -> Tensor:
    own = torch.mul(shares, torch.to(torch.eq(chosen, expert), 6))
    return torch.index_select(torch.sum(own, [-1], True), 0, rows)

  # sum [n m], rows int64 [r], x [r m], share [r 1] -> sum with share * x added at these rows
  def add_rows(self: __torch__.Kernels, sum: Tensor, rows: Tensor, x: Tensor, share: Tensor) -> Tensor:
    return torch.index_add(sum, 0, rows, torch.mul(x, share))

  def zeros_like(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.zeros_like(x)

  def identity(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.clone(x)

  # x times its softmax over the neurons
  def solu(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.mul(x, torch.softmax(x, -1))

  def gelu(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.gelu(x)

  def gelu_tanh(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.gelu(x, approximate="tanh")

  def relu(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.relu(x)

  def silu(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.silu(x)

  # logits [.. v] -> natural log of the probabilities
  def log_softmax(self: __torch__.Kernels, logits: Tensor) -> Tensor:
    return torch.log_softmax(logits, -1)

  # logits [b p v], tokens [b p] -> [b p-1]: surprise at each next token, in nats
  def next_token_loss(self: __torch__.Kernels, logits: Tensor, tokens: Tensor) -> Tensor:
    n = torch.size(tokens, 1)
    log_probs = torch.log_softmax(torch.slice(logits, 1, 0, n - 1), -1)
    target = torch.unsqueeze(torch.slice(tokens, 1, 1, n), -1)
    return torch.neg(torch.squeeze(torch.gather(log_probs, -1, target), -1))

  # tokens [b p] -> [b p-1]: 1 where the same two tokens already stood side by side earlier in the row, otherwise 0
  def repeated_pairs(self: __torch__.Kernels, tokens: Tensor) -> Tensor:
    n = torch.size(tokens, 1)
    pairs = torch.add(torch.mul(torch.slice(tokens, 1, 0, n - 1), 1048576), torch.slice(tokens, 1, 1, n))
    same = torch.eq(torch.unsqueeze(pairs, 2), torch.unsqueeze(pairs, 1))
    return torch.to(torch.any(torch.tril(same, -1), -1), 6)

  # x [a b c] -> the number at i, j, k, []
  def element(self: __torch__.Kernels, x: Tensor, i: Tensor, j: Tensor, k: Tensor) -> Tensor:
    return torch.select(torch.select(torch.select(x, 0, int(i)), 0, int(j)), 0, int(k))

  # attended bool [b p] -> [b p-1]: 1 where a token and the next are no padding, otherwise 0
  def both_attended(self: __torch__.Kernels, attended: Tensor) -> Tensor:
    n = torch.size(attended, 1)
    both = torch.logical_and(torch.slice(attended, 1, 0, n - 1), torch.slice(attended, 1, 1, n))
    return torch.to(both, 6)

  # a mean that leaves out what mask (0 or 1, same shape) marks with 0
  def masked_mean(self: __torch__.Kernels, x: Tensor, mask: Tensor) -> Tensor:
    return torch.div(torch.sum(torch.mul(x, mask)), torch.sum(mask))

  # a view of length [] indices of one axis [], beginning at from []
  def stretch(self: __torch__.Kernels, x: Tensor, axis: Tensor, first: Tensor, length: Tensor) -> Tensor:
    return torch.narrow(x, int(axis), int(first), int(length))

  # a view of every step []-th index of one axis [], from first [] up to end []
  def strided(self: __torch__.Kernels, x: Tensor, axis: Tensor, first: Tensor, end: Tensor, step: Tensor) -> Tensor:
    return torch.slice(x, int(axis), int(first), int(end), int(step))

  # a view at one index [] of an axis [], which is gone
  def selected(self: __torch__.Kernels, x: Tensor, axis: Tensor, index: Tensor) -> Tensor:
    return torch.select(x, int(axis), int(index))

  # indices int64 [n] of one axis []
  def picked(self: __torch__.Kernels, x: Tensor, axis: Tensor, indices: Tensor) -> Tensor:
    return torch.index_select(x, int(axis), indices)

  # owner [] decides who owns the result: x again, without gradient history
  def alias(self: __torch__.Kernels, owner: Tensor, x: Tensor) -> Tensor:
    return torch.detach(x)

  # a contiguous copy of x; the first argument only says whose it is
  def copy(self: __torch__.Kernels, owner: Tensor, x: Tensor) -> Tensor:
    return torch.clone(x, memory_format=0)

  # Names that end in in_place change their first argument and give it back. These rewrite weights without a temporary of
  # a weight's size; i and o are the axes a weight reads and writes.

  # b [o] plus what the weight W [i o] makes of offset [i]
  def add_mapped_in_place(self: __torch__.Kernels, b: Tensor, W: Tensor, offset: Tensor) -> Tensor:
    return torch.addmv_(b, torch.t(W), offset)

  # the same for each head: b [h d], W [h m d], offset [m]
  def add_mapped_heads_in_place(self: __torch__.Kernels, b: Tensor, W: Tensor, offset: Tensor) -> Tensor:
    for head in range(torch.size(W, 0)):
      _0 = torch.addmv_(torch.select(b, 0, head), torch.t(torch.select(W, 0, head)), offset)
    return b

  # W [.. i o] times w [i]
  def scale_inputs_in_place(self: __torch__.Kernels, W: Tensor, w: Tensor) -> Tensor:
    return torch.mul_(W, torch.unsqueeze(w, -1))

  # W [.. i o] without its mean over i
  def centre_inputs_in_place(self: __torch__.Kernels, W: Tensor) -> Tensor:
    return torch.sub_(W, torch.mean(W, [-2], True))

  # W [.. o] without its mean over o
  def centre_outputs_in_place(self: __torch__.Kernels, W: Tensor) -> Tensor:
    return torch.sub_(W, torch.mean(W, [-1], True))

  # b_O [m] plus what the heads write of b_V [h d] through W_O [h d m]; several heads may share one row of b_V
  def add_written_values_in_place(self: __torch__.Kernels, b_O: Tensor, b_V: Tensor, W_O: Tensor) -> Tensor:
    h, d, m = torch.size(W_O, 0), torch.size(W_O, 1), torch.size(W_O, 2)
    each = torch.repeat_interleave(b_V, torch.floordiv(h, torch.size(b_V, 0)), 0)
    return torch.addmv_(b_O, torch.t(torch.reshape(W_O, [h * d, m])), torch.reshape(each, [h * d]))

  def one_in_place(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.fill_(x, 1)

  # x becomes y
  def copy_in_place(self: __torch__.Kernels, x: Tensor, y: Tensor) -> Tensor:
    return torch.copy_(x, y)

  # A [h a d] and B [h b d] become the even split of A B^T: both have its singular values' square roots as lengths
  def even_split_in_place(self: __torch__.Kernels, A: Tensor, B: Tensor) -> Tensor:
    q_A, r_A = torch.linalg_qr(A)
    q_B, r_B = torch.linalg_qr(B)
    U, S, Vh = torch.linalg_svd(torch.matmul(r_A, torch.transpose(r_B, -1, -2)), False)
    root = torch.unsqueeze(torch.sqrt(S), -2)
    _0 = torch.copy_(B, torch.mul(torch.matmul(q_B, torch.transpose(Vh, -1, -2)), root))
    return torch.copy_(A, torch.mul(torch.matmul(q_A, U), root))

  # A [h a d] and B [h d b] become U S and Vh of A B
  def singular_split_in_place(self: __torch__.Kernels, A: Tensor, B: Tensor) -> Tensor:
    q_A, r_A = torch.linalg_qr(A)
    q_B, r_B = torch.linalg_qr(torch.transpose(B, -1, -2))
    U, S, Vh = torch.linalg_svd(torch.matmul(r_A, torch.transpose(r_B, -1, -2)), False)
    _0 = torch.copy_(B, torch.matmul(Vh, torch.transpose(q_B, -1, -2)))
    return torch.copy_(A, torch.mul(torch.matmul(q_A, U), torch.unsqueeze(S, -2)))

  # q [h .. d], k and v [g .. d] -> [.. n]: what joint_columns finds, written anew
  def write_jointly(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    heads = torch.movedim(torch.cat([q, k, v]), 0, -2)
    return torch.contiguous(torch.flatten(heads, -2))

  # joint [.. n] as write_jointly gives it -> views q [h .. d], k and v [g .. d]
  def joint_parts(self: __torch__.Kernels, joint: Tensor, q: Tensor, k: Tensor) -> List[Tensor]:
    h, g, d = torch.size(q, 0), torch.size(k, 0), torch.size(q, -1)
    heads = torch.movedim(torch.unflatten(joint, -1, [h + 2 * g, d]), -2, 0)
    return torch.split_with_sizes(heads, [h, g, g])

  # x times factor [] plus summand []
  def change_in_place(self: __torch__.Kernels, x: Tensor, factor: Tensor, summand: Tensor) -> Tensor:
    return torch.add_(torch.mul_(x, factor), summand)

  # the way back from change_in_place
  def undo_change_in_place(self: __torch__.Kernels, x: Tensor, factor: Tensor, summand: Tensor) -> Tensor:
    return torch.div_(torch.sub_(x, summand), factor)

  # biases as one more input: W [h m d], b [h d] -> [h m+1 d]
  def with_bias(self: __torch__.Kernels, W: Tensor, b: Tensor) -> Tensor:
    return torch.cat([W, torch.unsqueeze(b, 1)], 1)

  # x itself, under another owner: the same node of the graph that autograd recorded
  def handle(self: __torch__.Kernels, owner: Tensor, x: Tensor) -> Tensor:
    return x

  # a view of x that is a node of its own in the graph that autograd records
  def branch(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.view_as(x, x)

  # 1 if autograd records what is computed from x, otherwise 0, int64 []
  def is_recorded(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.tensor(int(ops.prim.requires_grad(x)))

  # how y changes with each of inputs, weighted by weight (like y); zeros where it does not depend on one
  def gradients(self: __torch__.Kernels, y: Tensor, weight: Tensor, inputs: List[Tensor]) -> List[Tensor]:
    weights = annotate(List[Optional[Tensor]], [weight])
    found = torch.grad([y], inputs, weights, True, False, True)
    result = annotate(List[Tensor], [])
    for i in range(torch.len(inputs)):
      g = found[i]
      if torch.__is__(g, None):
        _0 = torch.append(result, torch.zeros_like(inputs[i]))
      else:
        _1 = torch.append(result, unchecked_cast(Tensor, g))
    return result

  # For harvesting.

  # x of any shape whose numbers are some positions' one after the other, rows int64 [n], width [] -> [n width]
  def token_rows(self: __torch__.Kernels, x: Tensor, rows: Tensor, width: Tensor) -> Tensor:
    return torch.index_select(torch.reshape(x, [-1, int(width)]), 0, rows)

  # IEEE half precision
  def to_half(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.to(x, 5)

  # bool []
  def all_finite(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.all(torch.isfinite(x))

  # For patching.

  # the rows of x [r ..] from row [] on, as many as y [b ..] has, become y: all of them, or what stands at indices int64 [n]
  # of axes int64 [n]
  def patch_in_place(self: __torch__.Kernels, x: Tensor, y: Tensor, row: Tensor, axes: Tensor, indices: Tensor) -> Tensor:
    to = torch.narrow(x, 0, int(row), torch.size(y, 0))
    new = y
    for i in range(torch.size(axes, 0)):
      axis = int(torch.select(axes, 0, i))
      index = int(torch.select(indices, 0, i))
      to = torch.narrow(to, axis, index, 1)
      new = torch.narrow(new, axis, index, 1)
    _0 = torch.copy_(to, new)
    return x

  # x [b p m] -> [count times b, p, m]
  def repeat_batch(self: __torch__.Kernels, x: Tensor, count: Tensor) -> Tensor:
    return torch.repeat(x, [int(count), 1, 1])

  # x [r ..] and behind it y [s ..]; the first argument only says whose the result is
  def join_rows(self: __torch__.Kernels, owner: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return torch.cat([x, y], 0)

  # x [b k ..], count [], rows int64 [r] -> [r count ..]
  def first_columns(self: __torch__.Kernels, x: Tensor, count: Tensor, rows: Tensor) -> Tensor:
    return torch.index_select(torch.narrow(x, 1, 0, int(count)), 0, rows)

  # x [r p m], positions int64 [r] -> [r 1 m]
  def at_positions(self: __torch__.Kernels, x: Tensor, positions: Tensor) -> Tensor:
    at = torch.reshape(positions, [-1, 1, 1])
    return torch.gather(x, 1, torch.expand(at, [torch.size(x, 0), 1, torch.size(x, 2)]))

  # x [r v], ids int64 [r] -> [r]
  def per_row(self: __torch__.Kernels, x: Tensor, ids: Tensor) -> Tensor:
    return torch.squeeze(torch.gather(x, -1, torch.unsqueeze(ids, -1)), -1)

  # logits [r v], reference [r v] -> [r]: Kullback-Leibler divergence of the first distribution from the second, in nats
  def divergence(self: __torch__.Kernels, logits: Tensor, reference: Tensor) -> Tensor:
    p = torch.log_softmax(reference, -1)
    # Rounding takes equal distributions to either side of 0.
    return torch.clamp_min(torch.sum(torch.mul(torch.exp(p), torch.sub(p, torch.log_softmax(logits, -1))), [-1]), 0.)

  # x [r p], mask [r p] of 0 and 1 -> [r]: means that leave out what is marked with 0
  def row_means(self: __torch__.Kernels, x: Tensor, mask: Tensor) -> Tensor:
    return torch.div(torch.sum(torch.mul(x, mask), [-1]), torch.sum(mask, [-1]))

  # x [b p ..], mask [b p] of 0 and 1 -> [1 n]: mean over the tokens
  def token_mean(self: __torch__.Kernels, x: Tensor, mask: Tensor) -> Tensor:
    flat = torch.reshape(x, [torch.size(x, 0) * torch.size(x, 1), -1])
    return torch.div(torch.matmul(torch.reshape(mask, [1, -1]), flat), torch.sum(mask))

  # mean [1 n], like [b p ..] -> the mean at every token
  def spread(self: __torch__.Kernels, mean: Tensor, like: Tensor) -> Tensor:
    rows = torch.size(like, 0) * torch.size(like, 1)
    return torch.reshape(torch.repeat(mean, [rows, 1]), torch.size(like))

  # x [b ..] and y [b ..], shares [s] -> [s times b, ..]: on the way from x to y, as far as each share says
  def between(self: __torch__.Kernels, x: Tensor, y: Tensor, shares: Tensor) -> Tensor:
    far = shares
    for i in range(torch.dim(x)):
      far = torch.unsqueeze(far, -1)
    return torch.flatten(torch.lerp(torch.unsqueeze(x, 0), torch.unsqueeze(y, 0), far), 0, 1)

  def add_in_place(self: __torch__.Kernels, x: Tensor, y: Tensor) -> Tensor:
    return torch.add_(x, y)

  # y, with x's place in the graph that autograd recorded
  def in_place_of(self: __torch__.Kernels, x: Tensor, y: Tensor) -> Tensor:
    return torch.add(torch.sub(x, torch.detach(x)), y)

  # x [s times b, ..], shares [s] -> [b ..]: the mean over the shares
  def mean_of_shares(self: __torch__.Kernels, x: Tensor, shares: Tensor) -> Tensor:
    return torch.mean(torch.stack(torch.chunk(x, torch.size(shares, 0))), [0])

  # The same where these are some of all shares: their part of the mean
  def part_of_mean(self: __torch__.Kernels, x: Tensor, shares: Tensor, all: Tensor) -> Tensor:
    return torch.div(torch.sum(torch.stack(torch.chunk(x, torch.size(shares, 0))), [0]), all)

  # differences [b p w m], gradients [b p r m] -> [b w r]
  def edge_scores(self: __torch__.Kernels, differences: Tensor, gradients: Tensor) -> Tensor:
    return torch.einsum("bpwm,bprm->bwr", [differences, gradients])

  # x [b p r m], differences [b p w m], mask [w r] of 0 and 1 -> x with the differences of its writers that are marked
  def add_written(self: __torch__.Kernels, x: Tensor, differences: Tensor, mask: Tensor) -> Tensor:
    return torch.add(x, torch.einsum("bpwm,wr->bprm", [differences, mask]))
  # For reading the residual stream; c counts components, k directions. A direction [b m k] is one for each sequence.

  # x [.. m] without its mean over m
  def centred(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.sub(x, torch.mean(x, [-1], True))

  # x [.. m] -> [..]
  def mean_square(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.mean(torch.mul(x, x), [-1])

  # directions [b m k] as a norm's gain w [m] lets them through
  def gained_directions(self: __torch__.Kernels, directions: Tensor, w: Tensor) -> Tensor:
    return torch.mul(directions, torch.unsqueeze(w, -1))

  # directions [b m k] without their mean over m
  def centred_directions(self: __torch__.Kernels, directions: Tensor) -> Tensor:
    return torch.sub(directions, torch.mean(directions, [1], True))

  # z [b p h d], W_O [h d m] -> [h b p m]: what each head writes
  def head_components(self: __torch__.Kernels, z: Tensor, W_O: Tensor) -> Tensor:
    return torch.einsum("bphd,hdm->hbpm", [z, W_O])

  # z [b p h d], W_O [h d m], directions [b m k] -> [h b p k]: the same along directions, which are folded in first
  def head_projections(self: __torch__.Kernels, z: Tensor, W_O: Tensor, directions: Tensor) -> Tensor:
    folded = torch.einsum("hdm,bmk->bhdk", [W_O, directions])
    return torch.einsum("bphd,bhdk->hbpk", [z, folded])

  # post [b p n], W_out [n m] -> [n b p m]: what each neuron writes
  def neuron_components(self: __torch__.Kernels, post: Tensor, W_out: Tensor) -> Tensor:
    return torch.einsum("bpn,nm->nbpm", [post, W_out])

  # post [b p n], W_out [n m], directions [b m k] -> [n b p k]: never as large as the neurons times d_model
  def neuron_projections(self: __torch__.Kernels, post: Tensor, W_out: Tensor, directions: Tensor) -> Tensor:
    folded = torch.einsum("nm,bmk->bnk", [W_out, directions])
    return torch.einsum("bpn,bnk->nbpk", [post, folded])

  # components [c b p m], directions [b m k] -> [c b p k]
  def component_projections(self: __torch__.Kernels, components: Tensor, directions: Tensor) -> Tensor:
    return torch.einsum("cbpm,bmk->cbpk", [components, directions])

  # pattern [b h q s], v [b s g d] with g dividing h, W_O [h d m], direction [b m 1] -> [h b q s]: what each head brings to a
  # query from each source, along a direction
  def source_projections(self: __torch__.Kernels, pattern: Tensor, v: Tensor, W_O: Tensor, direction: Tensor) -> Tensor:
    h, g = torch.size(pattern, 1), torch.size(v, 2)
    values = torch.repeat_interleave(v, torch.floordiv(h, g), 2)
    folded = torch.einsum("hdm,bmk->bhd", [W_O, direction])
    along = torch.einsum("bshd,bhd->bhs", [values, folded])
    return torch.permute(torch.mul(pattern, torch.unsqueeze(along, 2)), [1, 0, 2, 3])

  # vector [m] as one component [1 b p m] of components like x [b p ..]
  def spread_vector(self: __torch__.Kernels, x: Tensor, vector: Tensor) -> Tensor:
    return torch.expand(vector, [1, torch.size(x, 0), torch.size(x, 1), torch.size(vector, 0)])

  # ids int64 [n], W_U [m v] -> [n m]: the directions that raise these tokens' logits
  def unembed_columns(self: __torch__.Kernels, ids: Tensor, W_U: Tensor) -> Tensor:
    return torch.t(torch.index_select(W_U, 1, ids))

  # ids int64 [n], b_U [v] -> [n]
  def unembed_biases(self: __torch__.Kernels, ids: Tensor, b_U: Tensor) -> Tensor:
    return torch.index_select(b_U, 0, ids)

  # For matrices in two factors, A [.. l m] times B [.. m r].

  # owner decides who owns the product of x and y
  def product(self: __torch__.Kernels, owner: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return torch.matmul(x, y)

  # x [.. a c] -> [.. c a], a view
  def transposed(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.transpose(x, -1, -2)

  # singular values S [.. k] of A B with their vectors U [.. l k] and V [.. r k]; nothing of the size l r is made
  def factored_svd(self: __torch__.Kernels, A: Tensor, B: Tensor) -> List[Tensor]:
    q_A, r_A = torch.linalg_qr(A)
    q_B, r_B = torch.linalg_qr(torch.transpose(B, -1, -2))
    U, S, Vh = torch.linalg_svd(torch.matmul(r_A, torch.transpose(r_B, -1, -2)), False)
    return [torch.matmul(q_A, U), S, torch.matmul(q_B, torch.transpose(Vh, -1, -2))]

  # x [l r] -> U [l k], S [k], V [r k]
  def dense_svd(self: __torch__.Kernels, x: Tensor) -> List[Tensor]:
    U, S, Vh = torch.linalg_svd(x, False)
    return [U, S, torch.transpose(Vh, -1, -2)]

  # the root of the sum of squares of A B, [..]
  def factored_norm(self: __torch__.Kernels, A: Tensor, B: Tensor) -> Tensor:
    q_A, r_A = torch.linalg_qr(A)
    q_B, r_B = torch.linalg_qr(torch.transpose(B, -1, -2))
    middle = torch.matmul(r_A, torch.transpose(r_B, -1, -2))
    return torch.sqrt(torch.sum(torch.mul(middle, middle), [-2, -1]))

  # x [.. m m] -> eigenvalues [.. m 2], real and imaginary part
  def eigenvalues(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.view_as_real(torch.linalg_eigvals(x))

  # U [.. l k] or V [.. r k] times S [.. k], or their square roots if root [] is 1
  def scaled_columns(self: __torch__.Kernels, U: Tensor, S: Tensor, root: Tensor) -> Tensor:
    if bool(root):
      size = torch.sqrt(S)
    else:
      size = S
    return torch.mul(U, torch.unsqueeze(size, -2))

  # writers A [h m d] B [h d m], readers C [g m d] D [g d m] -> [h g]: how much of the product of each pair's matrices is left,
  # beside the product of their sizes
  def composition(self: __torch__.Kernels, A: Tensor, B: Tensor, C: Tensor, D: Tensor) -> Tensor:
    q_A, r_A = torch.linalg_qr(A)
    q_B, r_B = torch.linalg_qr(torch.transpose(B, -1, -2))
    q_C, r_C = torch.linalg_qr(C)
    q_D, r_D = torch.linalg_qr(torch.transpose(D, -1, -2))
    between = torch.einsum("hdm,gme->hgde", [B, C])
    right = torch.transpose(r_D, -1, -2)
    pair = torch.matmul(torch.matmul(torch.unsqueeze(r_A, 1), between), torch.unsqueeze(right, 0))
    writer = torch.matmul(r_A, torch.transpose(r_B, -1, -2))
    reader = torch.matmul(r_C, right)
    both = torch.sqrt(torch.sum(torch.mul(pair, pair), [-2, -1]))
    w = torch.sqrt(torch.sum(torch.mul(writer, writer), [-2, -1]))
    r = torch.sqrt(torch.sum(torch.mul(reader, reader), [-2, -1]))
    return torch.div(torch.div(both, torch.unsqueeze(w, 1)), r)

  # The rest is for training.

  def zero_in_place(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.zero_(x)

  # x times factor []
  def scale_in_place(self: __torch__.Kernels, x: Tensor, factor: Tensor) -> Tensor:
    return torch.mul_(x, factor)

  # squared length of x, []
  def sum_of_squares(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.sum(torch.mul(x, x))

  # Adam's running mean of gradients g; beta [] is how much of the old mean stays
  def adam_mean_in_place(self: __torch__.Kernels, mean: Tensor, g: Tensor, beta: Tensor) -> Tensor:
    return torch.add_(torch.mul_(mean, beta), g, alpha=1. - float(beta))

  # Adam's running mean of squared gradients
  def adam_square_in_place(self: __torch__.Kernels, square: Tensor, g: Tensor, beta: Tensor) -> Tensor:
    return torch.addcmul_(torch.mul_(square, beta), g, g, value=1. - float(beta))

  # a step along mean / (sqrt(square / correction) + eps), rate and correction []
  def adam_move_in_place(self: __torch__.Kernels, w: Tensor, mean: Tensor, square: Tensor, rate: Tensor, correction: Tensor, eps: Tensor) -> Tensor:
    size = torch.add(torch.sqrt(torch.div(square, correction)), eps)
    return torch.addcdiv_(w, mean, size, value=-float(rate))

  # For probes and sparse autoencoders: n row, c class, a d_in, f feature.

  # logits [n c], labels int64 [n] -> []: mean surprise at the labels, in nats
  def class_loss(self: __torch__.Kernels, logits: Tensor, labels: Tensor) -> Tensor:
    log_probs = torch.log_softmax(logits, -1)
    return torch.neg(torch.mean(torch.gather(log_probs, -1, torch.unsqueeze(labels, -1))))

  # x and y [n a] -> []: squared length of the difference, mean over rows
  def row_error(self: __torch__.Kernels, x: Tensor, y: Tensor) -> Tensor:
    d = torch.sub(x, y)
    return torch.mean(torch.sum(torch.mul(d, d), [-1]))

  # pre [n f], k [] -> [n f]: the k greatest of each row where they are positive, otherwise 0
  def top_k(self: __torch__.Kernels, pre: Tensor, k: Tensor) -> Tensor:
    values, indices = torch.topk(pre, int(k), -1)
    return torch.scatter(torch.zeros_like(pre), -1, indices, torch.relu(values))

  # pre [n f], threshold [f] -> [n f]: itself where it is positive and greater than the threshold, otherwise 0
  def jump_relu(self: __torch__.Kernels, pre: Tensor, threshold: Tensor) -> Tensor:
    return torch.mul(torch.relu(pre), torch.to(torch.gt(pre, threshold), 6))

  # the same with a gradient by the threshold too, that of a jump smeared over bandwidth []; height [n f] times the jump
  def smeared_jump(self: __torch__.Kernels, pre: Tensor, threshold: Tensor, bandwidth: Tensor, height: Tensor) -> Tensor:
    fixed = torch.detach(threshold)
    away = torch.abs(torch.sub(torch.detach(pre), fixed))
    near = torch.to(torch.lt(torch.mul(away, 2), bandwidth), 6)
    slope = torch.div(torch.mul(torch.detach(height), near), bandwidth)
    # Zero in value: only its gradient is wanted.
    return torch.mul(torch.sub(fixed, threshold), slope)

  # pre [n f], log_threshold [f], bandwidth [] -> [n f]
  def jump_relu_trained(self: __torch__.Kernels, pre: Tensor, log_threshold: Tensor, bandwidth: Tensor) -> Tensor:
    threshold = torch.exp(log_threshold)
    return torch.add(self.jump_relu(pre, torch.detach(threshold)), self.smeared_jump(pre, threshold, bandwidth, threshold))

  # pre [n f], log_threshold [f], bandwidth [] -> []: how many features are above their thresholds, mean over rows
  def jump_count(self: __torch__.Kernels, pre: Tensor, log_threshold: Tensor, bandwidth: Tensor) -> Tensor:
    threshold = torch.exp(log_threshold)
    on = torch.to(torch.gt(pre, torch.detach(threshold)), 6)
    counted = torch.add(on, self.smeared_jump(pre, threshold, bandwidth, torch.ones_like(threshold)))
    return torch.mean(torch.sum(counted, [-1]))

  # acts [n f] -> []: sum of each row, mean over rows
  def mean_row_sum(self: __torch__.Kernels, acts: Tensor) -> Tensor:
    return torch.mean(torch.sum(acts, [-1]))

  # what the k [] greatest features of each row among the dead ones (dead [f], 1 or 0) say of the error left, residual [n a]:
  # [] as row_error; pre [n f], W_dec [f a]
  def dead_error(self: __torch__.Kernels, pre: Tensor, dead: Tensor, residual: Tensor, W_dec: Tensor, k: Tensor) -> Tensor:
    among = torch.masked_fill(pre, torch.eq(dead, 0.), -1e30)
    acts = self.top_k(among, k)
    return self.row_error(torch.detach(residual), torch.matmul(acts, W_dec))

  # acts [n f] -> [f]: in how many rows each is not 0
  def fired(self: __torch__.Kernels, acts: Tensor) -> Tensor:
    return torch.sum(torch.to(torch.ne(acts, 0.), 6), [0])

  # W [f a]: every row of length 1
  def unit_rows_in_place(self: __torch__.Kernels, W: Tensor) -> Tensor:
    length = torch.sqrt(torch.sum(torch.mul(W, W), [-1], True))
    return torch.div_(W, torch.clamp_min(length, 1e-12))

  # g [f a] without what would change the lengths of the unit rows W [f a]
  def along_sphere_in_place(self: __torch__.Kernels, g: Tensor, W: Tensor) -> Tensor:
    along = torch.sum(torch.mul(g, W), [-1], True)
    return torch.sub_(g, torch.mul(along, W))

  # GPT-2 without any hook, as one graph: what a run is measured against. weights are, in this order, W_E [v m], W_pos [p m],
  # for each layer ln1.w, ln1.b, W_QKV [m 3m], b_QKV, W_O [m m], b_O, ln2.w, ln2.b, W_in, b_in, W_out, b_out, then ln_final.w,
  # ln_final.b, W_U [m v]; head [] is d_head
  def gpt2_graph(self: __torch__.Kernels, tokens: Tensor, head: Tensor, weights: List[Tensor]) -> Tensor:
    b, p = torch.size(tokens, 0), torch.size(tokens, 1)
    d = int(head)
    W_E, W_pos = weights[0], weights[1]
    m = torch.size(W_E, 1)
    x = torch.add(torch.embedding(W_E, tokens), torch.slice(W_pos, 0, 0, p))
    layers = (torch.len(weights) - 5) // 12
    for layer in range(layers):
      i = 2 + 12 * layer
      y = torch.layer_norm(x, [m], weights[i], weights[i + 1], 1e-05)
      qkv = torch.addmm(weights[i + 3], torch.reshape(y, [-1, m]), weights[i + 2])
      q, k, v = torch.unbind(torch.permute(torch.reshape(qkv, [b, p, 3, m // d, d]), [2, 0, 3, 1, 4]), 0)
      z = torch.scaled_dot_product_attention(q, k, v, None, 0., True)
      flat = torch.reshape(torch.permute(z, [0, 2, 1, 3]), [-1, m])
      x1 = torch.add(x, torch.reshape(torch.addmm(weights[i + 5], flat, weights[i + 4]), [b, p, m]))
      y1 = torch.layer_norm(x1, [m], weights[i + 6], weights[i + 7], 1e-05)
      n = torch.gelu(torch.addmm(weights[i + 9], torch.reshape(y1, [-1, m]), weights[i + 8]), approximate="tanh")
      x = torch.add(x1, torch.reshape(torch.addmm(weights[i + 11], n, weights[i + 10]), [b, p, m]))
    j = torch.len(weights) - 3
    return torch.matmul(torch.layer_norm(x, [m], weights[j], weights[j + 1], 1e-05), weights[j + 2])
