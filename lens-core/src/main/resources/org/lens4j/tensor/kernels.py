# The operators of the forward pass, in TorchScript (a subset of Python that libtorch compiles; no Python runs).
# Comments must stand on lines of their own. Axes: b batch, p pos, q query_pos, k key_pos, h head, d d_head, m d_model,
# f d_mlp, v d_vocab. Numbers arrive as tensors of rank 0, which is safe under autograd.
class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool

  # tokens [b p], W_E [v m] -> [b p m]
  def embed(self: __torch__.Kernels, tokens: Tensor, W_E: Tensor) -> Tensor:
    return torch.embedding(W_E, tokens)

  # tokens [b p], W_pos [n_ctx m] -> [b p m]: the first p rows for each sequence
  def embed_positions(self: __torch__.Kernels, tokens: Tensor, W_pos: Tensor) -> Tensor:
    rows = torch.slice(W_pos, 0, 0, torch.size(tokens, 1))
    return torch.repeat(torch.unsqueeze(rows, 0), [torch.size(tokens, 0), 1, 1])

  # which keys a query may see, bool [q k]: itself and what is before it, at most window of them
  def causal_mask(self: __torch__.Kernels, tokens: Tensor, window: Tensor) -> Tensor:
    n = torch.size(tokens, 1)
    seen = torch.tril(torch.ones([n, n], dtype=11))
    return torch.triu(seen, 1 - int(window))

  # x [.. m], eps [] -> [.. 1]: the standard deviation a layer norm divides by
  def layer_norm_scale(self: __torch__.Kernels, x: Tensor, eps: Tensor) -> Tensor:
    centred = torch.sub(x, torch.mean(x, [-1], True))
    return torch.sqrt(torch.add(torch.mean(torch.mul(centred, centred), [-1], True), eps))

  # x [.. m], scale [.. 1], w [m], b [m] -> [.. m]
  def layer_norm(self: __torch__.Kernels, x: Tensor, scale: Tensor, w: Tensor, b: Tensor) -> Tensor:
    centred = torch.sub(x, torch.mean(x, [-1], True))
    return torch.add(torch.mul(torch.div(centred, scale), w), b)

  # x [b p m], W [h m d], b [h d] -> [b p h d]
  def project_heads(self: __torch__.Kernels, x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    h, m, d = torch.size(W, 0), torch.size(W, 1), torch.size(W, 2)
    flat = torch.reshape(torch.permute(W, [1, 0, 2]), [m, h * d])
    y = torch.addmm(torch.reshape(b, [h * d]), torch.reshape(x, [-1, m]), flat)
    return torch.reshape(y, [torch.size(x, 0), torch.size(x, 1), h, d])

  # x [b p h m], W [h m d], b [h d] -> [b p h d]: every head has an input of its own
  def project_split_heads(self: __torch__.Kernels, x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    return torch.add(torch.einsum("bphm,hmd->bphd", [x, W]), b)

  # q [b q h d], k [b k h d], scale [], mask bool [q k] -> [b h q k], -inf where masked
  def attn_scores(self: __torch__.Kernels, q: Tensor, k: Tensor, scale: Tensor, mask: Tensor) -> Tensor:
    scores = torch.matmul(torch.permute(q, [0, 2, 1, 3]), torch.permute(k, [0, 2, 3, 1]))
    return torch.masked_fill(torch.div(scores, scale), torch.logical_not(mask), -inf)

  # scores [b h q k] -> [b h q k]: rows sum to 1; a row with nothing to see is 0
  def attn_pattern(self: __torch__.Kernels, scores: Tensor) -> Tensor:
    pattern = torch.softmax(scores, -1)
    return torch.masked_fill(pattern, torch.isnan(pattern), 0.)

  # pattern [b h q k], v [b k h d] -> [b q h d]
  def mix_values(self: __torch__.Kernels, pattern: Tensor, v: Tensor) -> Tensor:
    return torch.permute(torch.matmul(pattern, torch.permute(v, [0, 2, 1, 3])), [0, 2, 1, 3])

  # z [b p h d], W_O [h d m], b_O [m] -> [b p m]
  def attn_out(self: __torch__.Kernels, z: Tensor, W_O: Tensor, b_O: Tensor) -> Tensor:
    h, d, m = torch.size(W_O, 0), torch.size(W_O, 1), torch.size(W_O, 2)
    y = torch.addmm(b_O, torch.reshape(z, [-1, h * d]), torch.reshape(W_O, [h * d, m]))
    return torch.reshape(y, [torch.size(z, 0), torch.size(z, 1), m])

  # z [b p h d], W_O [h d m] -> [b p h m]: what each head writes
  def head_results(self: __torch__.Kernels, z: Tensor, W_O: Tensor) -> Tensor:
    return torch.einsum("bphd,hdm->bphm", [z, W_O])

  # result [b p h m], b_O [m] -> [b p m]
  def sum_heads(self: __torch__.Kernels, result: Tensor, b_O: Tensor) -> Tensor:
    return torch.add(torch.sum(result, [2]), b_O)

  # x [b p m], like [b p h d] -> [b p h m]: one copy of the input for each head
  def repeat_for_heads(self: __torch__.Kernels, x: Tensor, W: Tensor) -> Tensor:
    return torch.repeat(torch.unsqueeze(x, 2), [1, 1, torch.size(W, 0), 1])

  # x [.. a], W [a c], b [c] -> [.. c]
  def linear(self: __torch__.Kernels, x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    return torch.add(torch.matmul(x, W), b)

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

  # a mean that leaves out what mask (0 or 1, same shape) marks with 0
  def masked_mean(self: __torch__.Kernels, x: Tensor, mask: Tensor) -> Tensor:
    return torch.div(torch.sum(torch.mul(x, mask)), torch.sum(mask))

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

  # biases as one more input: W [h m d], b [h d] -> [h m+1 d]
  def with_bias(self: __torch__.Kernels, W: Tensor, b: Tensor) -> Tensor:
    return torch.cat([W, torch.unsqueeze(b, 1)], 1)

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
