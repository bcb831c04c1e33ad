"""What people read: headline numbers, tables of attacks, answers about cloaks."""
