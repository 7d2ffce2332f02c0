"""What `assay.watch` is made of: ids that ride in the batch, hooks that find the batch a forward belongs to, copies that cost the loop little."""
