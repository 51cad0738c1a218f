"""Attachments (附件): photos and documents of a case, made harmless before anybody keeps them."""
