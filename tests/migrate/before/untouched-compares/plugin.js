for (const f of functions) {
  if (f.runtime === 'go1.x') build(f);
}
